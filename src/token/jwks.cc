#include "token/jwks.h"

#include "base/encoding.h"

namespace assay {

std::string KeyId(const Certificate& certificate) { return Base64UrlEncode(certificate.digest()); }

Result<json::Value> KeySet(const std::vector<TokenSigner>& signers) {
  json::Array keys;
  for (const TokenSigner& signer : signers) {
    const PublicParameters parts = TRY(signer.key.Public());
    json::Object key{{"x5c", json::Array{Base64Encode(signer.certificate->der())}},
                     {"kid", KeyId(*signer.certificate)},
                     {"kty", parts.kty},
                     {"use", "sig"},
                     {"alg", signer.key.alg()}};
    if (parts.kty == "RSA") {
      key.emplace_back("n", Base64UrlEncode(parts.n));
      key.emplace_back("e", Base64UrlEncode(parts.e));
    } else {
      key.emplace_back("crv", "P-256");
      key.emplace_back("x", Base64UrlEncode(parts.x));
      key.emplace_back("y", Base64UrlEncode(parts.y));
    }
    keys.emplace_back(std::move(key));
  }
  return json::Value(json::Object{{"keys", std::move(keys)}});
}

}  // namespace assay
