// POST /keys/{name}/{version}/release: a vault, its authorities and the monitor, over HTTP; then
// the environment unwraps what it was given by OpenSSL itself.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "api/key_releases.h"
#include "keys/testing.h"
#include "service/recorded_ledger.h"
#include "service/watched_service.h"
#include "token/testing.h"

namespace assay {
namespace {

constexpr const char* kVault = "https://attest.example";
constexpr const char* kOther = "https://other.example";

const SigningKey& Environment() {
  static const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  return key;
}

// Of an authority besides the own provider.
const SigningKey& OtherAuthority() {
  static const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  return key;
}

release::AnswerSigner MakeAnswerSigner() {
  static const SigningKey key = SigningKey::Generate(KeyType::kRsa2048).value();
  CertificateRequest request;
  request.common_name = "vault.example";
  request.not_before = FromUnixSeconds(kTokenTime);
  return {key, {IssueCertificate(key, request, key, nullptr).value()}};
}

KeyReleaseRules RulesWith(const std::string& issuer, const SigningKey& key) {
  access::IssuerRule rule;
  rule.issuer = issuer;
  return {{{rule, std::make_shared<access::PinnedKeys>(
                      std::vector<VerificationKey>{token_testing::Verifier(key, "other-1")})}},
          {}};
}

json::Object RuntimeKeyJwk() {
  const PublicParameters parts = Environment().Public().value();
  return {{"kid", "TpmEphemeralEncryptionKey"},
          {"kty", "RSA"},
          {"key_ops", json::Array{"encrypt"}},
          {"n", Base64UrlEncode(parts.n)},
          {"e", Base64UrlEncode(parts.e)}};
}

class KeyRelease : public testing::Test {
 protected:
  KeyRelease() { keys_.releases = &releases_; }

  static std::string PolicyOf(const std::string& issuer) {
    return R"({"version":"1.0.0","anyOf":[{"authority":")" + issuer +
           R"(/","allOf":[{"claim":"tee","equals":"snp"}]}]})";
  }
  // An oct key of known bytes, which may leave under `policy`.
  void Import(const std::string& policy = PolicyOf(kVault), const std::string& name = "k") {
    keys::ImportedKey key;
    key.kind = keys::KeyKind::kOct;
    key.oct = SecretBytes(View(secret_));
    const auto made = vault_.vault->Import(name, key, keys::Exportable(policy), service_.now);
    ASSERT_TRUE(made) << made.error().message;
    version_ = made->version;
  }

  json::Object Claims(const std::string& issuer = kVault) {
    return {{"iss", issuer},
            {"nbf", UnixSeconds(service_.now)},
            {"exp", UnixSeconds(service_.now) + 3600},
            {"tee", "snp"},
            {"x-ms-runtime", json::Object{{"keys", json::Array{RuntimeKeyJwk()}}}}};
  }
  // By the service's own token key.
  std::string Token(const json::Object& claims) {
    return service_.service().SignAs("JWT", claims).value();
  }
  std::string Token() { return Token(Claims()); }
  std::string OtherToken() {
    return token_testing::Signed(OtherAuthority(), R"({"alg":"ES256","kid":"other-1"})",
                                 json::Write(Claims(kOther)));
  }

  HttpResponse Release(json::Object body, const std::string& path = "/keys/k/release") {
    HttpRequest request;
    request.method = "POST";
    request.path = path;
    request.query = "api-version=7.5";
    request.body = json::Write(json::Value(std::move(body)));
    return Route(site_, request);
  }
  // "released", or the code of innererror, or else that of the error.
  std::string Verdict(json::Object body) {
    const HttpResponse response = Release(std::move(body));
    const json::Value answer = json::Parse(response.body).value();
    if (response.status == 200) return "released";
    const json::Value& error = *answer.Find("error");
    const json::Value* inner = error.Find("innererror");
    return *(inner != nullptr ? inner : &error)->Find("code")->AsString();
  }
  std::string Verdict(const std::string& token) { return Verdict({{"target", token}}); }

  const Bytes secret_ = Bytes(32, std::byte{0x5A});
  std::string version_;
  WatchedService service_;
  keys::TestVault vault_;
  KeyReleases releases_{service_.service(),
                        nullptr,
                        &service_.machines(),
                        *vault_.store,
                        [this] { return service_.now; },
                        MakeAnswerSigner(),
                        RulesWith(kOther, OtherAuthority())};
  KeyService keys_{*vault_.vault, kVault, [this] { return service_.now; }, {}};
  const Site site_ = service_.SiteWith(keys_);
};

// What stands in the answer's key_hsm.
json::Value KeyHsmIn(const HttpResponse& response) {
  EXPECT_EQ(response.status, 200U) << response.body;
  const json::Value body = json::Parse(response.body).value();
  const auto jws = ParseJws(*body.Find("value")->AsString());
  const CertificatePtr signer = MakeAnswerSigner().chain.front();
  const auto verified = VerifyJws(jws.value(), {{}, signer->key(), AlgorithmsOf(signer->key())});
  EXPECT_TRUE(verified);
  const json::Value payload = verified->Claims().value();
  const json::Value* key = payload.Find("response")->Find("key")->Find("key");
  return json::Parse(AsText(Base64UrlDecode(*key->Find("key_hsm")->AsString()).value())).value();
}

unsigned char* Raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* Raw(View view) { return reinterpret_cast<const unsigned char*>(view.data()); }

Bytes UnwrapInEnvironment(const HttpResponse& response) {
  const Bytes ciphertext =
      Base64UrlDecode(*KeyHsmIn(response).Find("ciphertext")->AsString()).value();
  EVP_PKEY_CTX* rsa = EVP_PKEY_CTX_new_from_pkey(nullptr, Environment().raw(), nullptr);
  Bytes aes(256);
  std::size_t size = aes.size();
  EVP_PKEY_decrypt_init(rsa);
  EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_CTX_set_rsa_oaep_md(rsa, EVP_sha256());
  const bool opened = EVP_PKEY_decrypt(rsa, Raw(aes), &size, Raw(View(ciphertext)), 256) == 1;
  EVP_PKEY_CTX_free(rsa);
  EXPECT_TRUE(opened && size == 32);
  EVP_CIPHER_CTX* kwp = EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX_set_flags(kwp, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(ciphertext.size() - 256);
  int length = 0;
  EVP_DecryptInit_ex(kwp, EVP_aes_256_wrap_pad(), nullptr, Raw(View(aes)), nullptr);
  const bool unwrapped = EVP_DecryptUpdate(kwp, Raw(out), &length, Raw(View(ciphertext)) + 256,
                                           static_cast<int>(out.size())) == 1;
  EVP_CIPHER_CTX_free(kwp);
  EXPECT_TRUE(unwrapped);
  out.resize(unwrapped ? static_cast<std::size_t>(length) : 0);
  return out;
}

TEST_F(KeyRelease, GivesTheKeyToTheEnvironmentThatProvedItself) {
  Import();
  const HttpResponse response =
      Release({{"target", Token()}, {"enc", "RSA_AES_KEY_WRAP_256"}, {"nonce", "n-1"}},
              "/keys/k/" + version_ + "/release");
  EXPECT_EQ(UnwrapInEnvironment(response), secret_);
}

TEST_F(KeyRelease, MeansTheCurrentVersionWhereNoneIsNamed) {
  Import();
  const HttpResponse response =
      Release({{"target", Token()}, {"enc", "RSA_AES_KEY_WRAP_256"}}, "/keys/k//release");
  EXPECT_EQ(UnwrapInEnvironment(response), secret_);
  EXPECT_EQ(Release({{"target", Token()}}, "/keys/absent/release").status, 404U);
}

TEST_F(KeyRelease, IsOnTheRecordOrIsNotAnswered) {
  Import();
  RecordedLedger ledger;
  keys_.decisions = &ledger.service().decisions();
  EXPECT_EQ(Verdict(Token()), "released");
  EXPECT_EQ(ledger.Last().kind, ledger::RecordKind::kKeyRelease);
  EXPECT_EQ(ledger.Last().verdict, ledger::RecordVerdict::kPermitted);
  EXPECT_EQ(ledger.Last().subject, std::string(kVault) + "/keys/k/" + version_);
  EXPECT_EQ(ledger.Last().policy, Sha256(AsBytes(PolicyOf(kVault))));
  json::Object claims = Claims();
  std::erase_if(claims, [](const json::Member& member) { return member.first == "tee"; });
  EXPECT_NE(Verdict(Token(claims)), "released");
  EXPECT_EQ(ledger.Last().verdict, ledger::RecordVerdict::kDenied);
  EXPECT_EQ(ledger.Last().failed_checks.size(), 1U);
  const std::uint64_t before = ledger.size();
  ledger.Break();
  EXPECT_EQ(Verdict(Token()), "DecisionNotRecorded");
  ledger.Mend();
  EXPECT_EQ(ledger.size(), before);
}

TEST_F(KeyRelease, KeepsActsOnKeysOnTheRecord) {
  RecordedLedger ledger;
  keys_.decisions = &ledger.service().decisions();
  const auto send = [&](const char* method, const char* path, const char* body) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = "api-version=7.5";
    request.body = body;
    return Route(site_, request).status;
  };
  EXPECT_EQ(send("POST", "/keys/made/create", R"({"kty":"EC"})"), 200U);
  EXPECT_EQ(ledger.Last().kind, ledger::RecordKind::kKeyCreation);
  EXPECT_EQ(ledger.Last().subject, "/keys/made/create");
  EXPECT_FALSE(ledger.Last().evidence) << "a digest of what may hold a secret";
  EXPECT_EQ(send("GET", "/keys/made", ""), 200U);
  EXPECT_EQ(send("POST", "/keys/made/create", R"({"kty":"none"})"), 400U);
  EXPECT_EQ(ledger.size(), 1U) << "nothing was done";
  EXPECT_EQ(send("DELETE", "/keys/made", ""), 200U);
  EXPECT_EQ(ledger.Last().kind, ledger::RecordKind::kAdministration);
  ledger.Break();
  EXPECT_EQ(send("POST", "/keys/other/create", R"({"kty":"EC"})"), 503U);
}

TEST_F(KeyRelease, TakesTheDefaultEncryptionOfTheApi) {
  Import();
  const json::Value hsm = KeyHsmIn(Release({{"target", Token()}}));
  EXPECT_EQ(*hsm.Find("header")->Find("enc")->AsString(), "CKM_RSA_AES_KEY_WRAP");
  EXPECT_EQ(*hsm.Find("header")->Find("kid")->AsString(), "TpmEphemeralEncryptionKey");
}

TEST_F(KeyRelease, TakesTheWordOfAnAuthorityThatIsNamedInPolicyAndFile) {
  Import(PolicyOf(kOther));
  EXPECT_EQ(Verdict(OtherToken()), "released");
  EXPECT_EQ(Verdict(Token()), "OtherProvider");
  releases_.Replace({});
  EXPECT_EQ(Verdict(OtherToken()), "UntrustedAuthority");
}

TEST_F(KeyRelease, DemandsBothAuthoritiesOfAnAgreement) {
  const auto branch = [](const std::string& issuer) {
    return R"({"authority":")" + issuer + R"(","allOf":[{"claim":"tee","equals":"snp"}]})";
  };
  Import(R"({"version":"1.0.0","anyOf":[{"x-assay-agreement":{"authorities":[)" + branch(kVault) +
         "," + branch(kOther) + "]}}]}");
  EXPECT_EQ(Verdict(Token() + "," + OtherToken()), "released");
  EXPECT_EQ(Verdict(Token()), "AgreementIncomplete");
  EXPECT_EQ(Verdict(OtherToken()), "AgreementIncomplete");
}

TEST_F(KeyRelease, RefusesEachTokenThatIsNoGoodForAReasonOfItsOwn) {
  Import();
  const json::Object good = Claims();
  const auto with = [&](std::string_view name, json::Value value) {
    json::Object claims = good;
    std::erase_if(claims, [name](const json::Member& m) { return m.first == name; });
    if (!value.is_null()) claims.emplace_back(name, std::move(value));
    return Verdict(Token(claims));
  };
  EXPECT_EQ(with("x", 1), "released");
  EXPECT_EQ(with("exp", UnixSeconds(service_.now) - 61), "TokenExpired");
  EXPECT_EQ(with("nbf", UnixSeconds(service_.now) + 61), "TokenNotYetValid");
  EXPECT_EQ(with("iss", "https://stranger.example"), "OtherAuthority");
  EXPECT_EQ(with("tee", nullptr), "ClaimMissing");
  EXPECT_EQ(with("tee", 7), "ClaimOfAnotherType");
  EXPECT_EQ(with("tee", "sgx"), "PolicyFalse");
  EXPECT_EQ(with("x-ms-runtime", nullptr), "RuntimeKeyAbsent");
  EXPECT_EQ(Verdict(OtherToken()), "OtherProvider");
  EXPECT_EQ(Verdict("no token"), "TokenMalformed");
}

TEST_F(KeyRelease, RefusesAKeyThatMayNotLeave) {
  Import();
  keys::KeyProperties disabled;
  disabled.enabled = false;
  ASSERT_TRUE(vault_.vault->Update("k", "", disabled, service_.now));
  EXPECT_EQ(Verdict(Token()), "KeyDisabled");
  ASSERT_TRUE(vault_.vault->Create("stays", {keys::KeyKind::kEc}, {}, service_.now));
  const HttpResponse response = Release({{"target", Token()}}, "/keys/stays/release");
  EXPECT_EQ(response.status, 403U);
  EXPECT_NE(response.body.find("KeyNotExportable"), std::string::npos) << response.body;
}

TEST_F(KeyRelease, RefusesAMachineThatDrifted) {
  Import();
  simulate::SimulatedMachine machine = simulate::SimulatedMachine::Make().value();
  const std::string id = service_.Enrol(machine);
  ASSERT_EQ(service_.Attest(id, machine).status, 200U);
  json::Object claims = Claims();
  claims.emplace_back("x-assay-machine", json::Object{{"id", id}});
  const std::string token = Token(claims);
  EXPECT_EQ(Verdict(token), "released");
  simulate::TpmBoot changed;
  changed.command_line = "/vmlinuz ro mitigations=off";
  machine.Boot(changed);
  EXPECT_EQ(service_.Attest(id, machine).status, 403U);
  EXPECT_EQ(Verdict(token), "MachineDrifted");
  EXPECT_TRUE(service_.fleet().Revoke(id, "stolen", service_.now));
  EXPECT_EQ(Verdict(token), "MachineRevoked");
}

TEST_F(KeyRelease, RefusesAReplayedNonce) {
  Import();
  const json::Object body{{"target", Token()}, {"nonce", "n-1"}};
  EXPECT_EQ(Verdict(body), "released");
  EXPECT_EQ(Verdict(body), "NonceReplayed");
}

TEST_F(KeyRelease, ExplainsWhatThePolicyMissed) {
  Import();
  json::Object claims = Claims();
  std::erase_if(claims, [](const json::Member& m) { return m.first == "tee"; });
  const HttpResponse response = Release({{"target", Token(claims)}});
  EXPECT_EQ(response.status, 403U);
  const json::Value body = json::Parse(response.body).value();
  EXPECT_EQ(*body.Find("error")->Find("code")->AsString(), "Forbidden");
  EXPECT_NE(body.Find("error")->Find("message")->AsString()->find(
                "anyOf[0].allOf[0]: tee: expected equals \"snp\", found nothing"),
            std::string::npos)
      << response.body;
  const json::Value& condition = body.Find("policy")->Find("conditions")->AsArray()->front();
  EXPECT_FALSE(*condition.Find("met")->AsBool());
}

TEST_F(KeyRelease, RefusesRequestsThatAreWrong) {
  Import();
  EXPECT_EQ(Verdict(json::Object{}), "BadParameter");
  EXPECT_EQ(Verdict({{"target", 7}}), "BadParameter");
  EXPECT_EQ(Verdict({{"target", Token()}, {"enc", "RSA1_5"}}), "BadParameter");
  EXPECT_EQ(Verdict({{"target", Token()}, {"nonce", 7}}), "BadParameter");
  EXPECT_EQ(Verdict({{"target", Token()}, {"nonce", std::string(1025, 'n')}}), "BadParameter");
}

TEST_F(KeyRelease, ReleasesNothingWhereNothingIsSetUpForIt) {
  Import();
  keys_.releases = nullptr;
  EXPECT_EQ(Verdict(Token()), "NotSupported");
}

TEST_F(KeyRelease, FollowsAPolicyThatWasChanged) {
  Import();
  const std::string token = Token();
  EXPECT_EQ(Verdict(token), "released");
  keys::KeyProperties changed = keys::Exportable(PolicyOf(kOther));
  changed.exportable.reset();
  ASSERT_TRUE(vault_.vault->Update("k", "", changed, service_.now));
  EXPECT_EQ(Verdict(token), "OtherProvider");
}

}  // namespace
}  // namespace assay
