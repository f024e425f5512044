// RSA encryption of short secrets (RFC 8017 §7).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/asymmetric_key.h"
#include "crypto/secret.h"

namespace assay {

enum class RsaCipher {
  kOaepSha1,    // "RSA-OAEP": for old clients
  kOaepSha256,  // "RSA-OAEP-256", MGF1 with SHA-256, too
  kPkcs1,       // "RSA1_5": open to Bleichenbacher's attack; only where an operator wants it
};

// kInvalidArgument for more than the padding leaves room for in a modulus of that size.
Result<void> CheckRsaPlain(RsaCipher cipher, std::size_t modulus_bytes, View plain);

// kInvalidArgument for a key that is not RSA, and for more than fits.
Result<Bytes> EncryptRsa(const AsymmetricKey& key, RsaCipher cipher, View plain);
// One error for whatever is wrong with `sealed`: what differs would help to guess.
Result<SecretBytes> DecryptRsa(const AsymmetricKey& key, RsaCipher cipher, View sealed);

}  // namespace assay
