#include "access/local_issuer.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "token/jwks.h"
#include "token/jws.h"

namespace assay::access {

Result<std::string> IssueLocalToken(const SigningKey& key, const LocalToken& token) {
  if (token.issuer.empty() || token.subject.empty() || token.audience.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "token: issuer, subject and audience must not be empty");
  }
  const auto minutes = token.lifetime.count();
  if (minutes < 1 || minutes > limits::kLocalTokenMinutes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("token: expected a lifetime of 1 to {} minutes, found {}",
                            limits::kLocalTokenMinutes, minutes));
  }
  const std::int64_t now = UnixSeconds(token.now);
  JwsHeader header;
  header.kid = TRY(Thumbprint(key));
  const Bytes token_id = TRY(RandomBytes(16));
  return SignJws(key, header,
                 {{"iss", token.issuer},
                  {"sub", token.subject},
                  {"aud", token.audience},
                  {"iat", now},
                  {"nbf", now},
                  {"exp", now + minutes * 60},
                  {"jti", HexEncode(token_id)},
                  {"roles", json::Array{Name(token.role)}}});
}

Result<std::string> LocalKeySet(const SigningKey& key) {
  const json::Object jwk = TRY(PublicJwk(key, TRY(Thumbprint(key))));
  return json::WritePretty(json::Object{{"keys", json::Array{jwk}}}) + "\n";
}

}  // namespace assay::access
