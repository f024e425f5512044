// HMAC (RFC 2104, FIPS 198-1) over SHA-256 and SHA-384.
#pragma once

#include "base/bytes.h"
#include "crypto/digest.h"

namespace assay {

// A code is compared with SecretEqual (crypto/secret.h): the time of Equal would tell how far a
// guess is right.
Sha256Digest HmacSha256(View key, View message);
Sha384Digest HmacSha384(View key, View message);

}  // namespace assay
