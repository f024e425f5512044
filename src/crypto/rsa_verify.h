// RSA signatures as TPMs make them (TPM 2.0 Library Part 1, annex B.5 and B.7), and as SGX's.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "crypto/public_key.h"

namespace assay {

enum class RsaPadding {
  kPkcs1,
  kPss,  // MGF1 of the same digest; a salt of any size: TPMs take the largest that fits
};

// `digest` is of SHA-1, SHA-256, SHA-384 or SHA-512: its size says which. False also for a key that
// is no RSA key.
bool VerifyRsaSignature(const PublicKey& key, RsaPadding padding, View digest, View signature);

// The key of these numbers, big-endian, whatever they are. Only for formats that fix them: SGX
// signs enclaves with exponent 3. RsaPublicKey (crypto/jose.h) is the function with rules.
Result<PublicKey> RsaKeyOfAnyNumbers(View modulus, View exponent);

}  // namespace assay
