// The vendor roots that production trusts, pinned by public key (SHA-256 of SubjectPublicKeyInfo):
// two different certificates of the one Intel root key circulate.
#pragma once

#include "tee/core/scheme.h"

namespace assay {

const TrustedRoots& DefaultRoots();

}  // namespace assay
