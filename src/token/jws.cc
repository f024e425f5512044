#include "token/jws.h"

#include "base/encoding.h"

namespace assay {

namespace {

json::Object Fields(std::string_view alg, const JwsHeader& header) {
  json::Object out{{"alg", alg}};
  if (!header.jku.empty()) out.emplace_back("jku", header.jku);
  if (!header.kid.empty()) out.emplace_back("kid", header.kid);
  out.emplace_back("typ", header.typ);
  return out;
}

std::string SignedPart(const json::Object& fields, const json::Object& payload) {
  return Base64UrlEncode(AsBytes(json::Write(fields))) + "." +
         Base64UrlEncode(AsBytes(json::Write(payload)));
}

}  // namespace

Result<std::string> SignJws(const SigningKey& key, const JwsHeader& header,
                            const json::Object& payload) {
  json::Object fields = Fields(key.alg(), header);
  if (!header.x5t.empty()) fields.emplace_back("x5t", header.x5t);
  if (!header.x5t_s256.empty()) fields.emplace_back("x5t#S256", header.x5t_s256);
  if (!header.x5c.empty()) {
    fields.emplace_back("x5c", json::Array(header.x5c.begin(), header.x5c.end()));
  }
  const std::string out = SignedPart(fields, payload);
  const Bytes signature = TRY(key.Sign(AsBytes(out)));
  return out + "." + Base64UrlEncode(signature);
}

std::string UnsecuredJws(const JwsHeader& header, const json::Object& payload) {
  return SignedPart(Fields("none", header), payload) + ".";
}

}  // namespace assay
