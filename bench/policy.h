// The cost of one policy evaluation: no signature, so the limits are absolute.
#pragma once

#include <functional>
#include <vector>

#include "rounds.h"

namespace assay::bench {

// policy_default: the default policy of SGX on the claims of a token, at most 10 µs.
// policy_1000_rules: an allow-list of 1000 enclaves whose last rule permits, at most 500 µs.
// `floor` is one signature verification, measured in the same rounds.
std::vector<Measured> MeasurePolicies(const std::function<void()>& floor);

}  // namespace assay::bench
