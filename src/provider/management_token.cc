#include "provider/management_token.h"

#include <fmt/format.h>

#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "token/jws_verify.h"

namespace assay {
namespace {

tl::unexpected<Error> Wrong(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kMalformed, "token: " + std::move(message), std::move(hint));
}

struct Parts {
  std::string_view header, payload, signature;
};

Result<Parts> Split(std::string_view text) {
  if (text.size() > limits::kJwsBytes) {
    return Wrong(
        fmt::format("expected at most {} bytes, found {}", limits::kJwsBytes, text.size()));
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return Wrong("expected a JSON Web Signature: three parts with a dot between them",
                 "send the policy in a token, not as text");
  }
  if (first > limits::kJwsHeaderBytes) return Wrong("its header is too long");
  if (text.find('=') != std::string_view::npos) return Wrong("its base64url has padding");
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1)};
}

Result<json::Value> HeaderOf(const Parts& parts) {
  const Result<Bytes> bytes = Base64UrlDecode(parts.header);
  if (!bytes) return Wrong("its header is no base64url");
  json::Value header = TRY(json::Parse(AsText(*bytes)));
  if (header.AsObject() == nullptr) return Wrong("its header is no JSON object");
  return header;
}

// RFC 7519 section 6: {"alg":"none"} and an empty signature. The one place that reads such a token.
Result<ManagementToken> ReadUnsecured(std::string_view text, const Parts& parts,
                                      const json::Value& header) {
  if (!parts.signature.empty()) return Wrong("its algorithm is none, but it has a signature");
  for (const char* name : {"crit", "b64"}) {
    if (header.Find(name) != nullptr) {
      return Wrong(fmt::format("its header has \"{}\", and no extension is supported", name));
    }
  }
  const Result<Bytes> payload = Base64UrlDecode(parts.payload);
  if (!payload) return Wrong("its payload is no base64url");
  return ManagementToken{std::string(text), std::string(AsText(*payload)), nullptr};
}

// The certificate a token brings for itself. It is no proof of anything but wholeness.
Result<CertificatePtr> OwnCertificate(const json::Value& header) {
  const json::Value* chain = header.Find("x5c");
  const json::Array* list = chain != nullptr ? chain->AsArray() : nullptr;
  if (list == nullptr || list->empty() || list->front().AsString() == nullptr) {
    return Wrong("is signed, but x5c of its header has no certificate");
  }
  return Certificate::FromDer(TRY(Base64Decode(*list->front().AsString())));
}

Result<ManagementToken> ReadSigned(std::string_view text, std::span<const CertificatePtr> trusted,
                                   Time now) {
  const UnverifiedJws jws = TRY(ParseJws(text));
  const VerifiedJws verified = TRY(VerifyJwsByCertificate(jws, trusted, now));
  return ManagementToken{std::string(text), std::string(AsText(verified.payload())),
                         verified.signer()};
}

Result<json::Value> PayloadOf(const ManagementToken& token) {
  json::Value payload = TRY(json::Parse(token.payload));
  if (payload.AsObject() == nullptr) return Wrong("its payload is no JSON object");
  return payload;
}

// Azure's tokens have no exp; whoever puts one in limits for how long the token can be sent again.
Result<void> CheckExpiry(const ManagementToken& token, Time now) {
  const Result<json::Value> payload = json::Parse(token.payload);
  const json::Value* exp = payload ? payload->Find("exp") : nullptr;
  if (exp == nullptr) return {};
  if (exp->AsInt() == nullptr) return Wrong("exp: expected a whole number of seconds");
  if (UnixSeconds(now) < *exp->AsInt()) return {};
  return Wrong(fmt::format("it expired: exp is {}, and it is {}", *exp->AsInt(), UnixSeconds(now)),
               "sign it anew");
}

Result<ManagementToken> Read(std::string_view text, TrustModel model,
                             std::span<const CertificatePtr> certificates, Time now) {
  const Parts parts = TRY(Split(text));
  const json::Value header = TRY(HeaderOf(parts));
  const json::Value* alg = header.Find("alg");
  const bool unsecured = alg != nullptr && alg->AsString() != nullptr && *alg->AsString() == "none";
  switch (model) {
    case TrustModel::kIsolated:
      if (unsecured) {
        return Wrong("this provider is isolated, and the token is not signed",
                     "sign it with one of the provider's policy management certificates");
      }
      return ReadSigned(text, certificates, now);
    case TrustModel::kAad: {
      if (unsecured) return ReadUnsecured(text, parts, header);
      const CertificatePtr own = TRY(OwnCertificate(header));
      return ReadSigned(text, std::span(&own, 1), now);
    }
    case TrustModel::kShared: break;
  }
  return Fail(ErrorCode::kUnsupported, "the shared provider's policies are read-only",
              "make a provider of your own: assay provider create NAME");
}

}  // namespace

Result<ManagementToken> ReadManagementToken(std::string_view text, TrustModel model,
                                            std::span<const CertificatePtr> certificates,
                                            Time now) {
  ManagementToken out = TRY(Read(text, model, certificates, now));
  TRY_VOID(CheckExpiry(out, now));
  return out;
}

Result<std::string> PolicyOf(const ManagementToken& token) {
  const json::Value payload = TRY(PayloadOf(token));
  const json::Value* policy = payload.Find("AttestationPolicy");
  if (policy == nullptr || policy->AsString() == nullptr) {
    return Wrong("its payload has no AttestationPolicy", "expected base64url of the policy's text");
  }
  const Result<Bytes> text = Base64UrlDecode(*policy->AsString());
  if (!text) return Wrong("AttestationPolicy is no base64url: " + text.error().message);
  return std::string(AsText(*text));
}

Result<void> CheckReset(const ManagementToken& token) {
  constexpr std::array<std::string_view, 4> kNothing = {"", "{}", "null", "\"\""};
  for (const std::string_view nothing : kNothing) {
    if (token.payload == nothing) return {};
  }
  const Result<json::Value> payload = PayloadOf(token);
  const json::Object* members = payload ? payload->AsObject() : nullptr;
  const bool only_times =
      members != nullptr && members->size() == 1 && members->front().first == "exp";
  if (only_times) return {};
  return Wrong("a reset has an empty payload, or exp alone",
               "a token that was made for something else does not reset a policy");
}

Result<CertificatePtr> CertificateOf(const ManagementToken& token) {
  const json::Value payload = TRY(PayloadOf(token));
  constexpr std::array<std::string_view, 3> kNames = {"policyCertificate", "maa-policyCertificate",
                                                      "x-ms-policyCertificate"};
  const json::Value* key = nullptr;
  for (const std::string_view name : kNames) {
    const json::Value* one = payload.Find(name);
    if (one != nullptr && key != nullptr) return Wrong("its payload has two certificates");
    if (one != nullptr) key = one;
  }
  if (key == nullptr) return Wrong("its payload has no policyCertificate");
  const json::Value* chain = key->Find("x5c");
  const json::Array* list = chain != nullptr ? chain->AsArray() : nullptr;
  if (list == nullptr || list->size() != 1 || list->front().AsString() == nullptr) {
    return Wrong("policyCertificate.x5c: expected one certificate");
  }
  const Result<Bytes> der = Base64Decode(*list->front().AsString());
  if (!der) return Wrong("policyCertificate.x5c is no base64");
  CertificatePtr out = TRY(Certificate::FromDer(*der));
  TRY_VOID(CheckJoseKey(out->key()));
  return out;
}

std::string UnsecuredPolicyToken(std::string_view policy) {
  std::string out = Base64UrlEncode(AsBytes(R"({"alg":"none"})")) + ".";
  if (policy.empty()) return out + ".";
  const json::Object payload{{"AttestationPolicy", Base64UrlEncode(AsBytes(policy))}};
  return out + Base64UrlEncode(AsBytes(json::Write(payload))) + ".";
}

Result<std::string> StoredPolicyText(std::string_view token) {
  const Parts parts = TRY(Split(token));
  const Bytes payload = TRY(Base64UrlDecode(parts.payload));
  return PolicyOf({std::string(token), std::string(AsText(payload)), nullptr});
}

}  // namespace assay
