// One-pass Diffie-Hellman (NIST SP 800-56A §6.2.2.2, C(1e, 1s, ECC CDH)) on P-256 and P-384.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "crypto/secret.h"

namespace assay {

// Coordinates are big-endian and of the curve's size.
struct EphemeralAgreement {
  SecretBytes z;  // x of the shared point
  Bytes x, y;     // the ephemeral key, for the peer
  Bytes peer_x;   // of the peer's key
};

// With a key that is made here and gone afterwards. kInvalidArgument for a key that is not of one
// of the two curves.
Result<EphemeralAgreement> AgreeEphemerally(const PublicKey& peer);

}  // namespace assay
