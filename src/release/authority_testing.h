// Authorities, tokens and a simulated environment for the tests of release/.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "release/authority_keys.h"
#include "release/release.h"
#include "release/testing.h"
#include "token/testing.h"

namespace assay::release::testing {

inline const Time kNow = FromUnixSeconds(1'800'000'000);
inline const std::string kIssuerA = "https://a.example";
inline const std::string kIssuerB = "https://b.example";

struct TestAuthority {
  std::string issuer;
  SigningKey key;
  std::string kid;
};

// Made once: nothing changes them.
inline const TestAuthority& AuthorityA() {
  static const TestAuthority a{kIssuerA, SigningKey::Generate(KeyType::kP256).value(), "ka"};
  return a;
}
inline const TestAuthority& AuthorityB() {
  static const TestAuthority b{kIssuerB, SigningKey::Generate(KeyType::kP256).value(), "kb"};
  return b;
}
// The environment's own key pair; its private half is in raw().
inline const SigningKey& EnvironmentKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  return key;
}

class TestKeys final : public AuthorityKeys {
 public:
  void Add(const std::string& issuer, VerificationKey key) { keys_[issuer].push_back(key); }
  void Add(const TestAuthority& a) { Add(a.issuer, token_testing::Verifier(a.key, a.kid)); }
  void GoAway() { away_ = true; }

  bool Trusts(const std::string& issuer) const override { return keys_.contains(issuer); }
  Result<VerificationKey> Find(const std::string& issuer, const std::string& kid) override {
    if (away_) return Fail(ErrorCode::kIo, "the authority does not answer");
    for (const VerificationKey& key : keys_.at(issuer)) {
      if (key.kid == kid) return key;
    }
    return Fail(ErrorCode::kMissing, "no such key");
  }

 private:
  std::map<std::string, std::vector<VerificationKey>> keys_;
  bool away_ = false;
};

inline json::Object JwkOf(const SigningKey& key, const std::string& kid) {
  const PublicParameters parts = key.Public().value();
  return {{"kid", kid},
          {"kty", "RSA"},
          {"key_ops", json::Array{"encrypt"}},
          {"n", Base64UrlEncode(parts.n)},
          {"e", Base64UrlEncode(parts.e)}};
}

// What an environment is attested with: `claims`, and the key it holds.
inline json::Object TokenClaims(const std::string& issuer, const std::string& claims,
                                json::Value runtime_keys) {
  json::Object out{{"iss", issuer},
                   {"nbf", UnixSeconds(kNow) - 10},
                   {"exp", UnixSeconds(kNow) + 3600},
                   {"x-ms-runtime", json::Object{{"keys", std::move(runtime_keys)}}}};
  const json::Value more = Json(claims);
  for (const json::Member& claim : *more.AsObject()) out.push_back(claim);
  return out;
}

inline json::Object TokenClaims(const TestAuthority& authority,
                                const std::string& claims = R"({"tee":"snp"})") {
  return TokenClaims(authority.issuer, claims,
                     json::Array{JwkOf(EnvironmentKey(), "TpmEphemeralEncryptionKey")});
}

// Replaces the member, or adds it; a null takes it away.
inline json::Object With(json::Object object, std::string_view name, json::Value value) {
  std::erase_if(object, [name](const json::Member& member) { return member.first == name; });
  if (!value.is_null()) object.emplace_back(name, std::move(value));
  return object;
}

inline json::Object TokenHeader(const TestAuthority& authority) {
  return {{"alg", "ES256"}, {"kid", authority.kid}, {"typ", "JWT"}};
}

inline std::string TokenOf(const TestAuthority& authority, const json::Object& header,
                           const json::Object& claims) {
  return token_testing::Signed(authority.key, json::Write(header), json::Write(claims));
}

inline std::string TokenOf(const TestAuthority& authority, const json::Object& claims) {
  return TokenOf(authority, TokenHeader(authority), claims);
}

inline std::string TokenOf(const TestAuthority& authority) {
  return TokenOf(authority, TokenClaims(authority));
}

}  // namespace assay::release::testing
