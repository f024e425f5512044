#include "release.h"

#include <fmt/core.h>

#include <cstdlib>
#include <memory>

#include "base/encoding.h"
#include "crypto/rsa_aes_key_wrap.h"
#include "floors.h"
#include "release/answer.h"
#include "token/jwks.h"
#include "token/jws.h"

namespace assay::bench {
namespace {

using namespace release;

constexpr Time kNow{std::chrono::seconds{1'800'000'000}};
constexpr const char* kIssuer = "https://attest.example";

class OneAuthority final : public AuthorityKeys {
 public:
  explicit OneAuthority(VerificationKey key) : key_(std::move(key)) {}
  bool Trusts(const std::string& issuer) const override { return issuer == kIssuer; }
  Result<VerificationKey> Find(const std::string&, const std::string&) override { return key_; }

 private:
  const VerificationKey key_;
};

class NobodyWatches final : public Witness {
 public:
  Result<MachineStanding> StandingOf(const std::string&, const json::Value&) override {
    return MachineStanding::kNotWatched;
  }
  Result<bool> SpendNonce(const std::string&, const std::string&, Time) override { return true; }
};

std::string PolicyText() {
  std::string tests;
  for (int i = 0; i < 10; ++i) {
    tests += fmt::format(R"({}{{"claim":"tee.c{}","equals":"{}"}})", i > 0 ? "," : "", i, i);
  }
  return fmt::format(R"({{"version":"1.0.0","anyOf":[{{"authority":"{}","allOf":[{}]}}]}})",
                     kIssuer, tests);
}

std::string TokenFor(const SigningKey& authority, const SigningKey& environment) {
  const PublicParameters parts = environment.Public().value();
  const json::Object jwk{{"kid", "environment"},
                         {"kty", "RSA"},
                         {"key_ops", json::Array{"encrypt"}},
                         {"n", Base64UrlEncode(parts.n)},
                         {"e", Base64UrlEncode(parts.e)}};
  json::Object tee;
  for (int i = 0; i < 10; ++i) tee.emplace_back(fmt::format("c{}", i), std::to_string(i));
  JwsHeader header;
  header.kid = "a";
  return SignJws(authority, header,
                 {{"iss", kIssuer},
                  {"exp", UnixSeconds(kNow) + 3600},
                  {"tee", tee},
                  {"x-ms-runtime", json::Object{{"keys", json::Array{jwk}}}}})
      .value();
}

// All that one release needs, made once.
struct Bench {
  SigningKey authority = SigningKey::Generate(KeyType::kRsa2048).value();
  SigningKey environment = SigningKey::Generate(KeyType::kRsa2048).value();
  SigningKey vault = SigningKey::Generate(KeyType::kRsa2048).value();
  std::string token = TokenFor(authority, environment);
  ReleasePolicy policy = ParseReleasePolicy(PolicyText()).value();
  OneAuthority keys{ParseJwk(PublicJwk(authority, "a").value()).value()};
  NobodyWatches witness;
  TokenRules rules;
  AnswerSigner signer{vault,
                      {IssueCertificate(vault, {"vault", {}, kNow}, vault, nullptr).value()}};

  void Release() {
    const ReleaseRequest request{"k/1", token, KeyEncryption::kSha256, {}, "7.5"};
    const auto decision =
        DecideRelease(request, {"k/1", true, true, &policy}, {keys, witness, rules}, kNow);
    const Grant* grant = decision ? std::get_if<Grant>(&*decision) : nullptr;
    const ReleasedKey key{{{"kid", "k/1"}, {"kty", "oct"}}, {}, {}};
    if (grant != nullptr) {
      const auto wrapped = WrapRsaAes(grant->runtime_key().key, OaepHash::kSha256, Bytes(32));
      if (wrapped && AnswerRelease(*grant, *wrapped, key, signer)) return;
    }
    fmt::print(stderr, "bench: a key was not released\n");
    std::exit(2);
  }
};

}  // namespace

std::vector<Measured> MeasureRelease() {
  const auto bench = std::make_shared<Bench>();
  const auto verify = Rs256Verification();
  const auto encrypt = OaepEncryption();
  const auto sign = Rs256Signing();
  const auto floor = [=] {
    verify();
    encrypt();
    sign();
  };
  return {Measure({"key_release", floor, {}, [bench] { bench->Release(); }, 1.25, 101, 5})};
}

}  // namespace assay::bench
