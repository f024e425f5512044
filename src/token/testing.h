// Tokens of any shape, rightly and wrongly made, for tests.
#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "token/jwk.h"
#include "token/jws_verify.h"

namespace assay::token_testing {

// Any header and payload over a signature that fits them.
inline std::string Signed(const SigningKey& key, std::string_view header,
                          std::string_view payload) {
  std::string out = Base64UrlEncode(AsBytes(header)) + "." + Base64UrlEncode(AsBytes(payload));
  return out + "." + Base64UrlEncode(key.Sign(AsBytes(out)).value());
}

inline json::Object Jwk(const SigningKey& key, std::string_view kid) {
  const PublicParameters parts = key.Public().value();
  json::Object out{{"kty", parts.kty}, {"kid", kid}, {"use", "sig"}, {"alg", key.alg()}};
  if (parts.kty == "RSA") {
    out.emplace_back("n", Base64UrlEncode(parts.n));
    out.emplace_back("e", Base64UrlEncode(parts.e));
  } else {
    out.emplace_back("crv", "P-256");
    out.emplace_back("x", Base64UrlEncode(parts.x));
    out.emplace_back("y", Base64UrlEncode(parts.y));
  }
  return out;
}

inline VerificationKey Verifier(const SigningKey& key, std::string_view kid) {
  return ParseJwk(Jwk(key, kid)).value();
}

}  // namespace assay::token_testing
