// RSA signatures as TPMs make them (TPM 2.0 Library Part 1, annex B.5 and B.7).
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

}  // namespace assay
