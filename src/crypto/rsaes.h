// RSAES-PKCS1-v1_5 encryption (RFC 8017 section 7.2), for protocols that know no other. It is never
// decrypted here: who does must not tell one failure from another.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace assay {

// The ciphertext has the size of the modulus; `plain` may have 11 bytes less. kInvalidArgument for
// a key that is not RSA.
Result<Bytes> EncryptRsaes(const PublicKey& key, View plain);

}  // namespace assay
