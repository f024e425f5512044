// The kernel's common way to a confidential guest's hardware report: configfs-tsm.
//
// Source: Linux Documentation/ABI/testing/configfs-tsm-report (6.7 and later).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

struct TsmTree {
  std::filesystem::path root = "/sys/kernel/config/tsm/report";
  // Makes a report entry, whose attributes configfs then puts into it. Tests make files in its
  // place.
  std::function<Result<void>(const std::filesystem::path&)> make_entry;
};

struct TsmReport {
  std::string provider;            // "sev_guest", "tdx_guest"
  Bytes report;                    // outblob
  std::optional<Bytes> auxiliary;  // auxblob; of sev_guest the certificate table
};

// `input` has at most 64 bytes. The entry is this request's own, so that no other writer can come
// in between ("generation" stays ours), and goes afterwards.
Result<TsmReport> ReadTsmReport(const TsmTree& tree, View input);

}  // namespace assay
