// The metadata of a LUKS2 header, as `cryptsetup luksDump --dump-json-metadata` prints it.
//
// Source: LUKS2 On-Disk Format Specification 1.1, section 3. Whoever can write to the disk can
// write this: nothing in it is believed but by the key that opens it. Pure: text in.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/release_answer.h"
#include "base/result.h"

namespace assay::agent {

// A token of the type "assay": which key of which vault opens which keyslot.
//   {"type": "assay", "keyslots": ["1"], "server": "https://...", "provider": "team-a",
//    "key": "disk", "version": "0123..."}
struct LuksToken {
  std::string keyslot;
  std::string server;
  std::string provider = {};  // empty: the shared one
  KeyAddress key;
};

struct LuksHeader {
  std::set<unsigned> keyslots;  // in use
  std::vector<LuksToken> tokens;
};

// An error also for a header that would leave the data in the clear, or open by any key (ciphers
// "cipher_null"), or that is amid a re-encryption: the confidentiality of a volume must not rest on
// metadata that others can write (CVE-2025-59054, CVE-2025-58356).
Result<LuksHeader> ParseLuksHeader(std::string_view metadata);

// The token as it is written into a header.
std::string LuksTokenJson(const LuksToken& token);
// The lowest number that is free; nothing if all are in use.
std::optional<unsigned> FreeKeyslot(const LuksHeader& header);

}  // namespace assay::agent
