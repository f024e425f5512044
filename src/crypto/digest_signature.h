// Signatures over digests that the caller made, as JSON Web Algorithms have them (RFC 7518 §3.3 to
// §3.5, RFC 8812 §3.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/asymmetric_key.h"

namespace assay {

enum class DigestSignature {
  kRs256,
  kRs384,
  kRs512,
  kPs256,  // MGF1 of the same digest, a salt of its size
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEs256K,
};

std::optional<DigestSignature> DigestSignatureOf(std::string_view name);  // "RS256"
std::string_view Name(DigestSignature algorithm);
std::size_t DigestBytes(DigestSignature algorithm);
bool IsPss(DigestSignature algorithm);

// kInvalidArgument when the key is of another kind or curve than the algorithm, or the digest of
// another size. No curve: RSA.
Result<void> CheckDigest(std::optional<NamedCurve> curve, DigestSignature algorithm, View digest);

// What CheckDigest refuses is refused. ECDSA signatures are r ‖ s, each of the curve's size.
Result<Bytes> SignDigest(const AsymmetricKey& key, DigestSignature algorithm, View digest);
Result<bool> VerifyDigest(const AsymmetricKey& key, DigestSignature algorithm, View digest,
                          View signature);

}  // namespace assay
