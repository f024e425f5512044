// Issuers and gates for tests: keys that are made once, tokens of any claims.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/gate.h"
#include "token/testing.h"

namespace assay::access_testing {

using namespace access;

inline const Time kNow = FromUnixSeconds(1'800'000'000);
inline constexpr const char* kIssuer = "https://issuer.example";
inline constexpr const char* kAudience = "https://attest.example";

inline bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline const SigningKey& IssuerKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  return key;
}

inline const SigningKey& StrangersKey() {
  static const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  return key;
}

inline std::string JwksOf(const SigningKey& key, std::string_view kid) {
  return json::Write(json::Object{{"keys", json::Array{token_testing::Jwk(key, kid)}}});
}

inline void Set(json::Object& object, std::string_view name, json::Value value) {
  for (auto& [key, old] : object) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  object.emplace_back(std::string(name), std::move(value));
}

// A good token of a reader of "default", but for what a test changes.
struct Token {
  json::Object header{{"alg", "ES256"}, {"kid", "k1"}, {"typ", "JWT"}};
  json::Object claims{{"iss", kIssuer},
                      {"aud", kAudience},
                      {"sub", "alice"},
                      {"exp", UnixSeconds(kNow) + 600},
                      {"nbf", UnixSeconds(kNow) - 10},
                      {"roles", json::Array{"readers"}}};

  Token& Claim(std::string_view name, json::Value value) {
    Set(claims, name, std::move(value));
    return *this;
  }
  Token& Header(std::string_view name, json::Value value) {
    Set(header, name, std::move(value));
    return *this;
  }
  Token& Without(std::string_view name) {
    std::erase_if(claims, [name](const json::Member& member) { return member.first == name; });
    return *this;
  }
  std::string By(const SigningKey& key) const {
    return token_testing::Signed(key, json::Write(header), json::Write(claims));
  }
  std::string Text() const { return By(IssuerKey()); }
};

inline HttpRequest With(const std::string& token) {
  HttpRequest request;
  request.headers = {{"Authorization", "Bearer " + token}};
  return request;
}

inline constexpr const char* kFile = R"({
  "issuers": [{"issuer": "https://issuer.example", "audiences": ["https://attest.example"]},
              {"issuer": "https://other.example", "audiences": ["https://attest.example"]}],
  "providers": {
    "default": {"attest": "open", "grants": [
      {"role": "reader", "issuer": "https://issuer.example", "claim": "roles", "value": "readers"},
      {"role": "contributor", "issuer": "https://issuer.example", "claim": "roles",
       "value": "writers"}]},
    "known": {"attest": "authenticated"},
    "machines": {"attest": "client-certificate"},
    "*": {"grants": [
      {"role": "admin", "issuer": "https://issuer.example", "claim": "sub", "value": "root"}]}},
  "clientCertificates": {"ca": "clients.pem", "subjects": ["node-1"]}})";

inline std::vector<TrustedIssuer> Issuers(const AccessFile& file) {
  std::vector<TrustedIssuer> out;
  for (const IssuerRule& rule : file.issuers) {
    out.push_back({rule, std::make_shared<PinnedKeys>(std::vector<VerificationKey>{
                             token_testing::Verifier(IssuerKey(), "k1")})});
  }
  return out;
}

}  // namespace assay::access_testing
