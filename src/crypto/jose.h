// The signature algorithms of JSON Web Signatures that Assay accepts (RFC 7518 §3.1), and the keys
// they are verified with.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace assay {

// No "none" and no HS*: what is not here cannot be accepted.
enum class JwsAlgorithm { kRs256, kRs384, kRs512, kPs256, kPs384, kPs512, kEs256, kEs384 };

std::string_view Name(JwsAlgorithm algorithm);  // "RS256"
std::optional<JwsAlgorithm> JwsAlgorithmOf(std::string_view name);

// An RSA key of the big-endian modulus and exponent. Refused: moduli below 2048 bits (RFC 7518
// §3.3) or above 8192, even ones, exponents that are even or not within 65537 and 2^64 (FIPS 186-5
// §5.4), and moduli of the generator of CVE-2017-15361 (ROCA), whose factors can be found.
Result<PublicKey> RsaPublicKey(View modulus, View exponent);
// The same demands on a key that came in a certificate; EC keys have to be P-256 or P-384.
Result<void> CheckJoseKey(const PublicKey& key);

// What a key of this kind can verify; empty for a key that CheckJoseKey refuses.
std::vector<JwsAlgorithm> AlgorithmsOf(const PublicKey& key);

// True when `signature` over `message` is valid. ECDSA: r ‖ s; PSS: MGF1 of the same digest and a
// salt of its size (RFC 7518 §3.4, §3.5). The caller has made sure that the key is for `algorithm`.
bool VerifyJoseSignature(const PublicKey& key, JwsAlgorithm algorithm, View message,
                         View signature);

}  // namespace assay
