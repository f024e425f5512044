// The cost of one key release against the RSA work that it cannot avoid.
#pragma once

#include <vector>

#include "rounds.h"

namespace assay::bench {

// release: token, policy of ten conditions, runtime key, wrapping and the signed answer, without
// HTTP and store; at most 1.25 times one RSA-2048 verification, encryption and signature.
std::vector<Measured> MeasureRelease();

}  // namespace assay::bench
