#include "release/answer.h"

#include <algorithm>
#include <cctype>

#include "base/encoding.h"
#include "token/jws.h"

namespace assay::release {
namespace {

JwsHeader HeaderOf(const std::vector<CertificatePtr>& chain) {
  const Bytes& leaf = chain.front()->der();
  const ByteArray<20> sha1 = Sha1(leaf);
  JwsHeader out;
  out.kid = HexEncode(sha1);
  std::transform(out.kid.begin(), out.kid.end(), out.kid.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  out.x5t = Base64UrlEncode(sha1);
  out.x5t_s256 = Base64UrlEncode(chain.front()->digest());
  for (const CertificatePtr& one : chain) out.x5c.push_back(Base64Encode(one->der()));
  return out;
}

json::Object RequestOf(const ReleaseRequest& request) {
  json::Object out{{"api-version", request.api_version},
                   {"enc", Name(request.encryption)},
                   {"kid", request.kid}};
  if (!request.nonce.empty()) out.emplace_back("nonce", request.nonce);
  return out;
}

std::string KeyHsm(const Grant& grant, View wrapped) {
  const json::Object out{{"schema_version", "1.0"},
                         {"header", json::Object{{"kid", grant.runtime_key().kid},
                                                 {"alg", "dir"},
                                                 {"enc", Name(grant.request().encryption)}}},
                         {"ciphertext", Base64UrlEncode(wrapped)}};
  return Base64UrlEncode(AsBytes(json::Write(out)));
}

}  // namespace

Result<std::string> AnswerRelease(const Grant& grant, View wrapped, ReleasedKey released,
                                  const AnswerSigner& signer) {
  if (signer.chain.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "key release: expected the signer's certificate");
  }
  const json::Value key(released.key);
  const json::Value* kid = key.Find("kid");
  if (kid == nullptr || kid->AsString() == nullptr || *kid->AsString() != grant.kid()) {
    return Fail(ErrorCode::kInvalidArgument,
                "key release: the key is not the one that was granted");
  }
  released.key.emplace_back("key_hsm", KeyHsm(grant, wrapped));
  json::Object entry{{"key", std::move(released.key)},
                     {"attributes", std::move(released.attributes)},
                     {"release_policy", std::move(released.release_policy)}};
  const json::Object payload{
      {"request", RequestOf(grant.request())},
      {"response", json::Object{{"key", std::move(entry)}}},
  };
  return SignJws(signer.key, HeaderOf(signer.chain), payload);
}

}  // namespace assay::release
