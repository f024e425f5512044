#include "token/jwks.h"

#include "base/encoding.h"

namespace assay {

std::string KeyId(const Certificate& certificate) { return Base64UrlEncode(certificate.digest()); }

std::string Thumbprint(const PublicParameters& parts) {
  // The required members in the order of their names, without space (§3.1).
  json::Object members;
  if (parts.kty == "RSA") {
    members = {{"e", Base64UrlEncode(parts.e)}, {"kty", "RSA"}, {"n", Base64UrlEncode(parts.n)}};
  } else {
    members = {{"crv", "P-256"},
               {"kty", "EC"},
               {"x", Base64UrlEncode(parts.x)},
               {"y", Base64UrlEncode(parts.y)}};
  }
  return Base64UrlEncode(Sha256(AsBytes(json::Write(members))));
}

Result<std::string> Thumbprint(const SigningKey& key) { return Thumbprint(TRY(key.Public())); }

Result<json::Object> PublicJwk(const SigningKey& key, std::string_view kid) {
  const PublicParameters parts = TRY(key.Public());
  json::Object out{{"kid", kid}, {"kty", parts.kty}, {"use", "sig"}, {"alg", key.alg()}};
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

Result<json::Value> KeySet(const std::vector<TokenSigner>& signers) {
  json::Array keys;
  for (const TokenSigner& signer : signers) {
    json::Object key = TRY(PublicJwk(signer.key, KeyId(*signer.certificate)));
    key.insert(key.begin(), {"x5c", json::Array{Base64Encode(signer.certificate->der())}});
    keys.emplace_back(std::move(key));
  }
  return json::Value(json::Object{{"keys", std::move(keys)}});
}

}  // namespace assay
