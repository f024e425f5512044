// HMAC (RFC 2104, FIPS 198-1).
#pragma once

#include "crypto/digest.h"

namespace assay {

Sha256Digest HmacSha256(View key, View data);

}  // namespace assay
