// Tokens of any shape, rightly and wrongly made, for tests.
#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "token/jwk.h"
#include "token/jwks.h"
#include "token/jws_verify.h"

namespace assay::token_testing {

// Any header and payload over a signature that fits them.
inline std::string Signed(const SigningKey& key, std::string_view header,
                          std::string_view payload) {
  std::string out = Base64UrlEncode(AsBytes(header)) + "." + Base64UrlEncode(AsBytes(payload));
  return out + "." + Base64UrlEncode(key.Sign(AsBytes(out)).value());
}

inline json::Object Jwk(const SigningKey& key, std::string_view kid) {
  return PublicJwk(key, kid).value();
}

inline VerificationKey Verifier(const SigningKey& key, std::string_view kid) {
  return ParseJwk(Jwk(key, kid)).value();
}

}  // namespace assay::token_testing
