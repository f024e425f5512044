// Keys that signatures are verified with, as JSON Web Keys give them (RFC 7517, RFC 7518 §6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "crypto/jose.h"

namespace assay {

// A public key and what it may verify. Which algorithm is allowed is the key's business: a header
// that names another is refused (RFC 8725 §3.1).
struct VerificationKey {
  std::string kid;  // may be empty
  PublicKey key;
  std::vector<JwsAlgorithm> algorithms;
};

// A signature key: RSA, or EC on P-256 or P-384. `alg` fixes the algorithm; without it an RSA key
// is for RS256, as Entra's are, and an EC key for its curve's. An error (kUnsupported) for a key
// for encryption, of another type, or too weak; kMalformed when members are missing or wrong.
Result<VerificationKey> ParseJwk(const json::Value& jwk);

// The usable keys of a set; keys of other kinds are left out, as RFC 7517 §5 says. An error when
// two have one kid, when it holds no usable key, or too many.
Result<std::vector<VerificationKey>> ParseJwks(std::string_view text);

}  // namespace assay
