// RSAES-OAEP encryption (RFC 8017 §7.1) with MGF1 of the same hash.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace assay {

// SHA-1 where a format demands it (CKM_RSA_AES_KEY_WRAP, RSA-OAEP): OAEP needs no hash without
// collisions.
enum class OaepHash { kSha1, kSha256, kSha384 };

// The ciphertext has the size of the modulus. `plain` may have that size less twice the digest's
// less 2. kInvalidArgument for a key that is not RSA.
Result<Bytes> EncryptOaep(const PublicKey& key, OaepHash hash, View label, View plain);

}  // namespace assay
