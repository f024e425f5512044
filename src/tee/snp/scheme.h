#pragma once

#include "tee/core/scheme.h"

namespace assay {

extern const Scheme kSnpScheme;

}  // namespace assay
