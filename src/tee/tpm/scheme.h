#pragma once

#include "tee/core/scheme.h"

namespace assay {

// "tpm": machines that boot measured, with a TPM of whatever make.
extern const Scheme kTpmScheme;

}  // namespace assay
