#include "token/jws.h"

#include "base/encoding.h"

namespace assay {

Result<std::string> SignJws(const SigningKey& key, const JwsHeader& header,
                            const json::Object& payload) {
  json::Object fields{{"alg", key.alg()}};
  if (!header.jku.empty()) fields.emplace_back("jku", header.jku);
  if (!header.kid.empty()) fields.emplace_back("kid", header.kid);
  fields.emplace_back("typ", "JWT");
  if (!header.x5t.empty()) fields.emplace_back("x5t", header.x5t);
  if (!header.x5c.empty()) {
    fields.emplace_back("x5c", json::Array(header.x5c.begin(), header.x5c.end()));
  }
  std::string out = Base64UrlEncode(AsBytes(json::Write(fields))) + "." +
                    Base64UrlEncode(AsBytes(json::Write(payload)));
  const Bytes signature = TRY(key.Sign(AsBytes(out)));
  return out + "." + Base64UrlEncode(signature);
}

}  // namespace assay
