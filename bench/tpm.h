// Machines with a TPM: what an attestation costs that tells nothing new, and what a long IMA list
// costs the first time and afterwards.
#pragma once

#include <functional>
#include <vector>

#include "rounds.h"

namespace assay::bench {

// `p256`: one ECDSA verification.
std::vector<Measured> MeasureTpm(const std::function<void()>& p256);

}  // namespace assay::bench
