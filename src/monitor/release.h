// A release: the values that machines running it have. Written by `assay measure`, or by hand.
//
//   {"release": "web-2026.11",
//    "pcrs": {"sha256": {"4": ["hex", ...], "7": ["hex"]}},    each PCR has one of its values
//    "learn": [0, 1, 14],                     optional: taken from a machine's first good evidence
//    "ima": {"/opt/app": ["sha256:hex"]},     optional: no other file may have been measured
//    "ima_except": ["/var/log/"],             optional: but those below
//    "valid_from": "2026-11-01T00:00:00Z", "valid_until": "...",     optional
//    "successor": "web-2026.12"}              optional: machines may move to it, and not back
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "tee/tcg/hash_algorithm.h"

namespace assay::monitor {

struct Release {
  std::string name;
  std::map<tcg::HashAlgorithm, std::map<std::uint32_t, std::vector<Bytes>>> pcrs;
  // Nothing: every quoted PCR that has no value here, IMA's apart.
  std::optional<std::set<std::uint32_t>> learn;
  // Nothing: files are not looked at. Digests as "sha256:hex".
  std::optional<std::map<std::string, std::set<std::string>, std::less<>>> files;
  std::vector<std::string> files_except;  // prefixes of paths, each ends with '/'
  std::optional<Time> valid_from, valid_until;
  std::string successor;  // empty: none
  bool retired = false;   // its last machine has moved on; kept in the store, not in the file
};

// As of a name of a provider, with dots, underscores and capital letters.
bool IsReleaseName(std::string_view name);

// A member that is not known is an error: a misspelt "ima" would be a check that nobody makes.
Result<Release> ReleaseFromJson(std::string_view text);
json::Object ReleaseJson(const Release& release);

}  // namespace assay::monitor
