// Digests (FIPS 180-4).
#pragma once

#include "base/bytes.h"

namespace assay {

using Sha256Digest = ByteArray<32>;
using Sha384Digest = ByteArray<48>;
using Sha512Digest = ByteArray<64>;

Sha256Digest Sha256(View data);
Sha384Digest Sha384(View data);
Sha512Digest Sha512(View data);

// Weak. Only to name a certificate where a format demands it (x5t, RFC 7515 §4.1.7), and for the
// SHA-1 bank of a TPM, which policy must ask for.
ByteArray<20> Sha1(View data);

}  // namespace assay
