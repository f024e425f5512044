// The Linux IMA measurement list, binary form: what the kernel measured while the system runs.
//
// Source: Linux Documentation/security/IMA-templates.rst; security/integrity/ima/ima_fs.c writes it
// (little-endian on the platforms covered). PCR 10 holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tcg/hash_algorithm.h"

namespace assay::tpm {

inline constexpr std::uint32_t kImaPcr = 10;

struct ImaEntry {
  std::uint32_t pcr = 0;
  View template_digest;   // SHA-1 of template_data; zeros for a violation
  std::string_view name;  // "ima-ng", "ima-sig", "ima-buf"
  View template_data;
  // A file was open for writing while it was measured, or the other way round: nothing is known.
  bool violation = false;
  std::string_view digest_algorithm;  // "sha256"
  View digest;                        // of the file or buffer
  std::string_view path;              // of the file, or the buffer's name
  View signature;                     // ima-sig; may be empty
  View buffer;                        // ima-buf: what was measured, no file
};

// An entry of another template is an error, and so is one whose digest is not that of its data.
// Views into `data`.
Result<std::vector<ImaEntry>> ParseImaLog(View data);

// How many entries lead from `start` to `value` in that bank: a list is read after the quote and
// may be longer. Nothing if no number of them does.
std::optional<std::size_t> EntriesUpTo(const std::vector<ImaEntry>& entries,
                                       tcg::HashAlgorithm bank, View value, View start);

}  // namespace assay::tpm
