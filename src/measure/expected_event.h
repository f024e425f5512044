// What a boot is expected to extend into the PCRs, event by event.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tee/tcg/hash_algorithm.h"
#include "tee/tcg/replay.h"

namespace assay::measure {

using tcg::HashAlgorithm;
using Banks = std::vector<HashAlgorithm>;
using Digests = std::map<HashAlgorithm, Bytes>;

struct ExpectedEvent {
  std::uint32_t pcr = 0;
  std::string what;  // for people: "shim", "grub_cmd: boot"
  Digests digests;
};
using ExpectedEvents = std::vector<ExpectedEvent>;

Digests DigestsOf(View data, const Banks& banks);
ExpectedEvent Measured(std::uint32_t pcr, std::string what, View data, const Banks& banks);

// Four zero bytes: the end of what firmware measures (PFP 1.06 table 27, EV_SEPARATOR).
ExpectedEvent Separator(std::uint32_t pcr, const Banks& banks);

// The values after these events, of the PCRs that they extend. An event without a digest in that
// bank is an error that names it.
Result<tcg::PcrValues> PcrsAfter(const ExpectedEvents& events, HashAlgorithm bank);

}  // namespace assay::measure
