// The whole way: token, grant, signed answer; then the environment unwraps with its private key, by
// OpenSSL directly and not by the code that wrapped, and uses the key it was given.
#include "release/answer.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cctype>
#include <memory>

#include "crypto/rsa_aes_key_wrap.h"
#include "release/authority_testing.h"

namespace assay::release {
namespace {

using namespace testing;

const unsigned char* Raw(View view) { return reinterpret_cast<const unsigned char*>(view.data()); }
unsigned char* Raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

class Idle final : public Witness {
 public:
  Result<MachineStanding> StandingOf(const std::string&, const json::Value&) override {
    return MachineStanding::kTrusted;
  }
  Result<bool> SpendNonce(const std::string&, const std::string&, Time) override { return true; }
};

// Empty where OpenSSL refuses.
Bytes DecryptByOaep(const SigningKey& key, const EVP_MD* hash, View cipher) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr);
  Bytes out(512);
  std::size_t size = out.size();
  const bool ok = EVP_PKEY_decrypt_init(context) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 &&
                  EVP_PKEY_decrypt(context, Raw(out), &size, Raw(cipher), cipher.size()) == 1;
  EVP_PKEY_CTX_free(context);
  out.resize(ok ? size : 0);
  return out;
}

Bytes UnwrapByKwp(View aes, View wrapped) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(wrapped.size());
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(context, EVP_aes_256_wrap_pad(), nullptr, Raw(aes), nullptr) == 1 &&
      EVP_DecryptUpdate(context, Raw(out), &size, Raw(wrapped), static_cast<int>(wrapped.size())) ==
          1;
  EVP_CIPHER_CTX_free(context);
  out.resize(ok ? static_cast<std::size_t>(size) : 0);
  return out;
}

// What an environment does with the ciphertext of key_hsm.
Bytes Unwrap(const SigningKey& key, const EVP_MD* hash, View ciphertext) {
  const Bytes aes = DecryptByOaep(key, hash, ciphertext.first(256));
  return aes.size() == 32 ? UnwrapByKwp(aes, ciphertext.subspan(256)) : Bytes{};
}

struct Chain {
  SigningKey root_key = SigningKey::Generate(KeyType::kP256).value();
  SigningKey leaf_key = SigningKey::Generate(KeyType::kRsa2048).value();
  CertificatePtr root, leaf;

  Chain() {
    CertificateRequest request;
    request.common_name = "root";
    request.not_before = kNow;
    request.is_ca = true;
    root = IssueCertificate(root_key, request, root_key, nullptr).value();
    request.common_name = "vault.example";
    request.is_ca = false;
    leaf = IssueCertificate(leaf_key, request, root_key, root.get()).value();
  }
  AnswerSigner Signer() const { return {leaf_key, {leaf, root}}; }
};

const Chain& Vault() {
  static const Chain chain;
  return chain;
}

constexpr const char* kKid = "https://vault.example/keys/k/0123";

Grant Granted(KeyEncryption encryption, const std::string& nonce = {}) {
  const ReleasePolicy policy =
      Policy(PolicyText(BranchOf(kIssuerA, R"({"claim":"tee","equals":"snp"})")));
  TestKeys keys;
  keys.Add(AuthorityA());
  Idle witness;
  const TokenRules rules;
  const std::string token = TokenOf(AuthorityA());
  const ReleaseRequest request{kKid, token, encryption, nonce, "7.5"};
  const KeyStanding key{kKid, true, true, &policy};
  return std::get<Grant>(DecideRelease(request, key, {keys, witness, rules}, kNow).value());
}

ReleasedKey Released() {
  return {{{"kid", kKid}, {"kty", "oct-HSM"}, {"key_ops", json::Array{"encrypt"}}},
          {{"enabled", true}, {"exportable", true}},
          {{"data", "e30"}, {"immutable", false}}};
}

Result<std::string> Answered(const Grant& grant, View material, ReleasedKey released,
                             const AnswerSigner& signer) {
  const Bytes wrapped =
      TRY(WrapRsaAes(grant.runtime_key().key, HashOf(grant.request().encryption), material));
  return AnswerRelease(grant, wrapped, std::move(released), signer);
}

json::Value PayloadOf(const std::string& answer) {
  const auto jws = ParseJws(answer);
  const VerificationKey key{{}, Vault().leaf->key(), AlgorithmsOf(Vault().leaf->key())};
  return VerifyJws(jws.value(), key)->Claims().value();
}

json::Value KeyHsmOf(const json::Value& payload) {
  const json::Value& key = *payload.Find("response")->Find("key")->Find("key")->Find("key_hsm");
  return Json(std::string(AsText(Base64UrlDecode(*key.AsString()).value())));
}

TEST(Answer, HasTheShapeThatKeyVaultGivesIt) {
  const std::string answer =
      Answered(Granted(KeyEncryption::kSha256, "n-1"), Bytes(32), Released(), Vault().Signer())
          .value();
  const json::Value payload = PayloadOf(answer);
  EXPECT_EQ(json::Write(*payload.Find("request")),
            R"({"api-version":"7.5","enc":"RSA_AES_KEY_WRAP_256",)"
            R"("kid":"https://vault.example/keys/k/0123","nonce":"n-1"})");
  const json::Value& entry = *payload.Find("response")->Find("key");
  EXPECT_EQ(entry.AsObject()->size(), 3U);
  EXPECT_EQ(*entry.Find("key")->Find("kid")->AsString(), kKid);
  EXPECT_TRUE(*entry.Find("attributes")->Find("exportable")->AsBool());
  EXPECT_EQ(*entry.Find("release_policy")->Find("data")->AsString(), "e30");
  const json::Value hsm = KeyHsmOf(payload);
  EXPECT_EQ(*hsm.Find("schema_version")->AsString(), "1.0");
  EXPECT_EQ(json::Write(*hsm.Find("header")),
            R"({"kid":"TpmEphemeralEncryptionKey","alg":"dir","enc":"RSA_AES_KEY_WRAP_256"})");
}

TEST(Answer, LeavesOutANonceThatWasNotGiven) {
  const std::string answer =
      Answered(Granted(KeyEncryption::kSha1), Bytes(32), Released(), Vault().Signer()).value();
  EXPECT_EQ(PayloadOf(answer).Find("request")->Find("nonce"), nullptr);
}

TEST(Answer, NamesItsSignerAsKeyVaultDoes) {
  const std::string answer =
      Answered(Granted(KeyEncryption::kSha1), Bytes(32), Released(), Vault().Signer()).value();
  const json::Value header = ReadUnverifiedHeader(answer).value();
  std::string names;
  for (const json::Member& member : *header.AsObject()) names += member.first + " ";
  EXPECT_EQ(names, "alg kid typ x5t x5t#S256 x5c ");
  const Bytes sha1 = Base64UrlDecode(*header.Find("x5t")->AsString()).value();
  EXPECT_TRUE(Equal(sha1, Sha1(Vault().leaf->der())));
  std::string kid = HexEncode(sha1);
  for (char& c : kid) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(*header.Find("kid")->AsString(), kid);
  EXPECT_EQ(*header.Find("x5t#S256")->AsString(), Base64UrlEncode(Vault().leaf->digest()));
  const json::Array& chain = *header.Find("x5c")->AsArray();
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(*chain[0].AsString(), Base64Encode(Vault().leaf->der()));
  const std::vector<CertificatePtr> trusted = {Vault().leaf};
  EXPECT_TRUE(VerifyJwsByCertificate(ParseJws(answer).value(), trusted, kNow));
}

TEST(Answer, CarriesAKeyThatTheEnvironmentAloneUnwraps) {
  const struct {
    KeyEncryption encryption;
    const EVP_MD* hash;
    const EVP_MD* other;
  } kinds[] = {{KeyEncryption::kSha1, EVP_sha1(), EVP_sha256()},
               {KeyEncryption::kSha256, EVP_sha256(), EVP_sha1()},
               {KeyEncryption::kSha384, EVP_sha384(), EVP_sha256()}};
  const SigningKey stranger = SigningKey::Generate(KeyType::kRsa2048).value();
  for (const auto& kind : kinds) {
    for (const std::size_t size : {16U, 24U, 32U}) {  // symmetric keys, as they are
      const Bytes secret(size, std::byte{0x42});
      const std::string answer =
          Answered(Granted(kind.encryption), secret, Released(), Vault().Signer()).value();
      const Bytes ciphertext =
          Base64UrlDecode(*KeyHsmOf(PayloadOf(answer)).Find("ciphertext")->AsString()).value();
      EXPECT_EQ(Unwrap(EnvironmentKey(), kind.hash, ciphertext), secret);
      EXPECT_TRUE(Unwrap(EnvironmentKey(), kind.other, ciphertext).empty());
      EXPECT_TRUE(Unwrap(stranger, kind.hash, ciphertext).empty());
    }
  }
}

Bytes Pkcs8Of(const SigningKey& key) {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> info(
      EVP_PKEY2PKCS8(key.raw()), PKCS8_PRIV_KEY_INFO_free);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  const Bytes out =
      ToBytes({reinterpret_cast<const std::byte*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return out;
}

TEST(Answer, CarriesPrivateKeysThatSignAfterwards) {
  for (const KeyType type : {KeyType::kRsa2048, KeyType::kP256}) {
    const SigningKey key = SigningKey::Generate(type).value();
    const std::string answer =
        Answered(Granted(KeyEncryption::kSha384), Pkcs8Of(key), Released(), Vault().Signer())
            .value();
    const Bytes ciphertext =
        Base64UrlDecode(*KeyHsmOf(PayloadOf(answer)).Find("ciphertext")->AsString()).value();
    const Bytes pkcs8 = Unwrap(EnvironmentKey(), EVP_sha384(), ciphertext);
    ASSERT_FALSE(pkcs8.empty());
    const std::string pem =
        "-----BEGIN PRIVATE KEY-----\n" + Base64Encode(pkcs8) + "\n-----END PRIVATE KEY-----\n";
    const SigningKey received = SigningKey::FromPem(pem).value();
    const VerificationKey verifier = token_testing::Verifier(key, "k");
    const std::string signed_text = token_testing::Signed(
        received, R"({"alg":")" + std::string(received.alg()) + R"("})", "{}");
    EXPECT_TRUE(VerifyJws(ParseJws(signed_text).value(), verifier));
  }
}

TEST(Answer, IsOfTheKeyThatWasGrantedOnly) {
  ReleasedKey other = Released();
  other.key[0].second = "https://vault.example/keys/other/1";
  const auto answer = Answered(Granted(KeyEncryption::kSha256), Bytes(32), other, Vault().Signer());
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("not the one that was granted"), std::string::npos);
}

TEST(Answer, IsNeverMadeWithoutACertificate) {
  EXPECT_FALSE(
      Answered(Granted(KeyEncryption::kSha256), Bytes(32), Released(), {Vault().leaf_key, {}}));
}

TEST(Answer, KnowsTheEncryptionsOfTheApiOnly) {
  EXPECT_EQ(KeyEncryptionOf("CKM_RSA_AES_KEY_WRAP"), KeyEncryption::kSha1);
  EXPECT_EQ(KeyEncryptionOf("RSA_AES_KEY_WRAP_256"), KeyEncryption::kSha256);
  EXPECT_EQ(KeyEncryptionOf("RSA_AES_KEY_WRAP_384"), KeyEncryption::kSha384);
  EXPECT_FALSE(KeyEncryptionOf("RSA1_5"));
  EXPECT_FALSE(KeyEncryptionOf(""));
}

}  // namespace
}  // namespace assay::release
