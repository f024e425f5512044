// A release: the named set of values that machines of one version show, as the monitor reads it.
//
// JSON: {"release": name, "pcrs": {"sha256": {"4": ["hex", ...]}}, "learn": [0, 1, 14],
//        "ima": {"/opt/app": ["sha256:hex"]}, "valid_from", "valid_until": RFC 3339,
//        "successor": name}; all but the first two may be absent.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "measure/expected_event.h"

namespace assay::measure {

struct Release {
  std::string name;
  std::map<HashAlgorithm, tcg::PcrValues> pcrs;
  std::vector<std::uint32_t> learn;  // PCRs whose values the monitor takes from the first machine
  std::map<std::string, Sha256Digest> ima;  // absolute path, digest of the file
  std::optional<Time> valid_from, valid_until;
  std::string successor;
};

// An error for a release that could not hold: no name, no PCR, an end before its begin, a PCR both
// given and to be learned.
Result<json::Value> ReleaseJson(const Release& release);

// {"sha256": {"4": "hex"}}
json::Value PcrsJson(const std::map<HashAlgorithm, tcg::PcrValues>& pcrs);

}  // namespace assay::measure
