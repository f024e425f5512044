// Keys in SoftHSM 2, held to OpenSSL.
#include "keys/pkcs11_hsm.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/der.h"
#include "keys/operations.h"
#include "keys/pkcs11_objects.h"
#include "keys/pkcs11_testing.h"
#include "keys/release_export.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

KeySpec InHsm(KeyKind kind, unsigned bits = 0, NamedCurve curve = NamedCurve::kP256) {
  KeySpec out{kind, bits, curve};
  out.hsm = true;
  return out;
}

class TokenVault : public SoftHsmTest {
 protected:
  void SetUp() override {
    SoftHsmTest::SetUp();
    if (IsSkipped()) return;
    Connect();
  }
  // A new login, and nothing in memory.
  void Connect() {
    vault_.reset();
    hsm_.reset();
    token_.reset();
    token_ = OpenToken().value();
    hsm_ = Pkcs11Hsm::Open(token_).value();
    vault_ = Vault::Open(*store_, keks_, {}, hsm_.get()).value();
  }

  Outcome<OperationResult> Run(const std::string& key, Operation operation,
                               const std::string& algorithm, View value) {
    return Perform(*vault_, key, "", {operation, algorithm, ToBytes(value)}, kNoon);
  }
  Outcome<KeyVersion> Take(const std::string& name, const AsymmetricKey& pair) {
    ImportedKey key;
    key.kind = pair.is_rsa() ? KeyKind::kRsa : KeyKind::kEc;
    key.pair = pair;
    key.hsm = true;
    return vault_->Import(name, key, {}, kNoon);
  }
  Outcome<KeyVersion> Take(const std::string& name, View oct) {
    ImportedKey key;
    key.kind = KeyKind::kOct;
    key.oct = SecretBytes(oct);
    key.hsm = true;
    return vault_->Import(name, key, {}, kNoon);
  }
  std::size_t ObjectsOf(const KeyVersion& version) {
    Pkcs11Session session = token_->Session().value();
    return FindObjects(session, version.hsm_object)->size();
  }

  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  MemoryKeks keks_;
  std::shared_ptr<Pkcs11Token> token_;
  std::unique_ptr<Pkcs11Hsm> hsm_;
  std::unique_ptr<Vault> vault_;
};

AsymmetricKey PublicOf(const KeyVersion& version) {
  return version.kind == KeyKind::kRsa ? AsymmetricKey::FromRsa(version.rsa).value()
                                       : AsymmetricKey::FromEc(version.ec).value();
}

const std::vector<std::pair<std::string, DigestSignature>> kRsaSignatures = {
    {"RS256", DigestSignature::kRs256}, {"RS384", DigestSignature::kRs384},
    {"RS512", DigestSignature::kRs512}, {"PS256", DigestSignature::kPs256},
    {"PS384", DigestSignature::kPs384}, {"PS512", DigestSignature::kPs512}};
const std::vector<std::pair<NamedCurve, DigestSignature>> kEcSignatures = {
    {NamedCurve::kP256, DigestSignature::kEs256},
    {NamedCurve::kP384, DigestSignature::kEs384},
    {NamedCurve::kP521, DigestSignature::kEs512},
    {NamedCurve::kP256K, DigestSignature::kEs256K}};

TEST_F(TokenVault, SignsWhatOpenSslVerifies) {
  const KeyVersion rsa = vault_->Create("rsa", InHsm(KeyKind::kRsa, 2048), {}, kNoon).value();
  EXPECT_EQ(Name(rsa.type()), "RSA-HSM");
  for (const auto& [name, algorithm] : kRsaSignatures) {
    const Bytes digest(DigestBytes(algorithm), std::byte{7});
    const auto made = Run("rsa", Operation::kSign, name, digest);
    ASSERT_TRUE(made) << name << ": " << made.error().message;
    EXPECT_TRUE(*VerifyDigest(PublicOf(rsa), algorithm, digest, made->value.view())) << name;
  }
  for (const auto& [curve, algorithm] : kEcSignatures) {
    const KeyVersion ec = vault_->Create("ec", InHsm(KeyKind::kEc, 0, curve), {}, kNoon).value();
    const Bytes digest(DigestBytes(algorithm), std::byte{7});
    const auto made = Run("ec", Operation::kSign, std::string(Name(algorithm)), digest);
    ASSERT_TRUE(made) << Name(algorithm) << ": " << made.error().message;
    EXPECT_TRUE(*VerifyDigest(PublicOf(ec), algorithm, digest, made->value.view()));
  }
}

TEST_F(TokenVault, VerifiesWhatOpenSslSignedAndNothingElse) {
  std::vector<std::pair<AsymmetricKey, DigestSignature>> all;
  const AsymmetricKey rsa = AsymmetricKey::GenerateRsa(2048).value();
  for (const auto& one : kRsaSignatures) all.emplace_back(rsa, one.second);
  for (const auto& [curve, algorithm] : kEcSignatures) {
    all.emplace_back(AsymmetricKey::GenerateEc(curve).value(), algorithm);
  }
  for (const auto& [pair, algorithm] : all) {
    const auto taken = Take("k", pair);
    ASSERT_TRUE(taken) << taken.error().message;
    const Bytes digest(DigestBytes(algorithm), std::byte{7});
    OperationRequest request{Operation::kVerify, std::string(Name(algorithm)), digest};
    request.signature = SignDigest(pair, algorithm, digest).value();
    const auto verdict = Perform(*vault_, "k", "", request, kNoon);
    ASSERT_TRUE(verdict) << Name(algorithm) << ": " << verdict.error().message;
    EXPECT_TRUE(verdict->valid) << Name(algorithm);
    request.signature.back() ^= std::byte{1};
    EXPECT_FALSE(Perform(*vault_, "k", "", request, kNoon)->valid) << Name(algorithm);
    request.signature.pop_back();
    EXPECT_FALSE(Perform(*vault_, "k", "", request, kNoon)->valid) << Name(algorithm);
    EXPECT_EQ(Run("k", Operation::kSign, request.algorithm, Bytes(31)).error().kind,
              FaultKind::kBadParameter);
  }
}

TEST_F(TokenVault, RsaOpensWhatOpenSslEncryptedAndSaysWhatTheTokenCannotDo) {
  const AsymmetricKey pair = AsymmetricKey::GenerateRsa(2048).value();
  ASSERT_TRUE(Take("k", pair));
  const Bytes secret(32, std::byte{9});
  const Bytes sealed = EncryptRsa(pair, RsaCipher::kOaepSha1, secret).value();
  EXPECT_TRUE(Equal(Run("k", Operation::kDecrypt, "RSA-OAEP", sealed)->value.view(), secret));
  const auto wrapped = Run("k", Operation::kWrapKey, "RSA-OAEP", secret);
  ASSERT_TRUE(wrapped);
  EXPECT_TRUE(Equal(DecryptRsa(pair, RsaCipher::kOaepSha1, wrapped->value.view())->view(), secret));
  Bytes changed = sealed;
  changed[5] ^= std::byte{1};
  const auto refused = Run("k", Operation::kDecrypt, "RSA-OAEP", changed);
  EXPECT_EQ(refused.error().kind, FaultKind::kBadParameter);
  EXPECT_EQ(Run("k", Operation::kDecrypt, "RSA-OAEP", View(sealed).first(9)).error().message,
            refused.error().message);
  EXPECT_EQ(Run("k", Operation::kEncrypt, "RSA-OAEP", Bytes(215)).error().kind,
            FaultKind::kBadParameter);
  const auto beyond = Run("k", Operation::kEncrypt, "RSA-OAEP-256", secret);
  ASSERT_FALSE(beyond) << "the token has learnt it: change docs/keys.md";
  EXPECT_EQ(beyond.error().kind, FaultKind::kNotSupported);
  EXPECT_NE(beyond.error().message.find("RSA-OAEP-256"), std::string::npos);
}

TEST_F(TokenVault, AesIsThatOfOpenSsl) {
  for (const std::size_t size : {16U, 24U, 32U}) {
    const SecretBytes key = RandomSecret(size).value();
    const auto taken = Take("k", key.view());
    ASSERT_TRUE(taken) << taken.error().message;
    const std::string bits = "A" + std::to_string(size * 8);
    const Bytes text(32, std::byte{5});

    const auto gcm = Run("k", Operation::kEncrypt, bits + "GCM", text);
    ASSERT_TRUE(gcm) << gcm.error().message;
    EXPECT_TRUE(Equal(
        OpenGcm(key.view(), {}, {gcm->iv, ToBytes(gcm->value.view()), gcm->tag})->view(), text));
    const Bytes aad(3, std::byte{1});
    const GcmSealed sealed = SealGcm(key.view(), aad, text).value();
    OperationRequest open{Operation::kDecrypt, bits + "GCM", sealed.text};
    open.iv = sealed.iv;
    open.tag = sealed.tag;
    open.aad = aad;
    EXPECT_TRUE(Equal(Perform(*vault_, "k", "", open, kNoon)->value.view(), text));
    open.tag[0] ^= std::byte{1};
    EXPECT_EQ(Perform(*vault_, "k", "", open, kNoon).error().kind, FaultKind::kBadParameter);

    for (const auto& [mode, padding, length] :
         {std::tuple("CBC", CbcPadding::kNone, 32), std::tuple("CBCPAD", CbcPadding::kPkcs7, 21)}) {
      const View plain = View(text).first(static_cast<std::size_t>(length));
      const auto cbc = Run("k", Operation::kEncrypt, bits + mode, plain);
      ASSERT_TRUE(cbc) << cbc.error().message;
      EXPECT_TRUE(
          Equal(EncryptAesCbc(key.view(), cbc->iv, padding, plain).value(), cbc->value.view()));
      OperationRequest back{Operation::kDecrypt, bits + mode, ToBytes(cbc->value.view())};
      back.iv = cbc->iv;
      EXPECT_TRUE(Equal(Perform(*vault_, "k", "", back, kNoon)->value.view(), plain));
    }
    EXPECT_EQ(Run("k", Operation::kEncrypt, bits + "CBC", Bytes(15)).error().kind,
              FaultKind::kBadParameter);

    const auto wrapped = Run("k", Operation::kWrapKey, bits + "KW", text);
    ASSERT_TRUE(wrapped) << wrapped.error().message;
    EXPECT_TRUE(Equal(WrapAesKw(key.view(), text).value(), wrapped->value.view()));
    EXPECT_TRUE(Equal(
        Run("k", Operation::kUnwrapKey, bits + "KW", wrapped->value.view())->value.view(), text));
    Bytes changed = ToBytes(wrapped->value.view());
    changed[0] ^= std::byte{1};
    EXPECT_EQ(Run("k", Operation::kUnwrapKey, bits + "KW", changed).error().kind,
              FaultKind::kBadParameter);
    // The token would fill it up without a word.
    EXPECT_EQ(Run("k", Operation::kWrapKey, bits + "KW", Bytes(20)).error().kind,
              FaultKind::kBadParameter);
  }
}

TEST_F(TokenVault, AesKwpIsThatOfRfc5649OrRefused) {
  const SecretBytes key = RandomSecret(32).value();
  ASSERT_TRUE(Take("k", key.view()));
  const std::string algorithm = "CKM_AES_KEY_WRAP_PAD";
  for (const std::size_t size : {1U, 5U, 8U, 20U, 24U}) {
    const Bytes secret(size, std::byte{3});
    const Bytes expected = WrapAesKwp(key.view(), secret).value();
    const auto wrapped = Run("k", Operation::kWrapKey, algorithm, secret);
    EXPECT_TRUE(wrapped || size % 8 != 0) << size;
    if (wrapped) {
      EXPECT_TRUE(Equal(wrapped->value.view(), expected)) << size;
    } else {
      EXPECT_EQ(wrapped.error().kind, FaultKind::kNotSupported);
    }
    const auto back = Run("k", Operation::kUnwrapKey, algorithm, expected);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(Equal(back->value.view(), secret)) << size;
  }
}

TEST_F(TokenVault, WhatIsPrivateIsSensitiveAndExtractableOnlyWhereItMayLeave) {
  for (const KeySpec& spec :
       {InHsm(KeyKind::kRsa, 2048), InHsm(KeyKind::kEc), InHsm(KeyKind::kOct, 256)}) {
    for (const bool exportable : {false, true}) {
      const auto key =
          vault_->Create("k", spec, exportable ? Exportable() : KeyProperties(), kNoon).value();
      Pkcs11Session session = token_->Session().value();
      const auto object = FindObject(session, key.hsm_object,
                                     spec.kind == KeyKind::kOct ? CKO_SECRET_KEY : CKO_PRIVATE_KEY);
      ASSERT_TRUE(object) << object.error().message;
      EXPECT_TRUE(*session.Flag(*object, CKA_SENSITIVE));
      EXPECT_EQ(*session.Flag(*object, CKA_EXTRACTABLE), exportable);
      EXPECT_FALSE(
          session.Octets(*object, spec.kind == KeyKind::kRsa ? CKA_PRIVATE_EXPONENT : CKA_VALUE));
    }
  }
}

TEST_F(TokenVault, RefusesAnObjectThatIsNotTheOneThatWasMade) {
  KeyVersion key = vault_->Create("k", InHsm(KeyKind::kEc), Exportable(), kNoon).value();
  EXPECT_TRUE(hsm_->Open(key));
  KeyVersion stays = key;
  stays.attributes.exportable = false;
  EXPECT_NE(hsm_->Open(stays).error().message.find("can be read out"), std::string::npos);
  KeyVersion other = key;
  other.ec.x[0] ^= std::byte{1};
  EXPECT_NE(hsm_->Open(other).error().message.find("another public half"), std::string::npos);
  other = key;
  other.hsm_object = std::string(32, '0');
  EXPECT_EQ(hsm_->Open(other).error().kind, FaultKind::kUnavailable);
}

TEST_F(TokenVault, SurvivesANewLoginAndIsGoneAfterAPurge) {
  const KeyVersion first = vault_->Create("k", InHsm(KeyKind::kEc), {}, kNoon).value();
  const KeyVersion second = vault_->Rotate("k", kNoon).value();
  EXPECT_NE(first.hsm_object, second.hsm_object);
  Connect();
  const Bytes digest(32, std::byte{7});
  const auto made =
      Perform(*vault_, "k", first.version, {Operation::kSign, "ES256", digest}, kNoon);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(*VerifyDigest(PublicOf(first), DigestSignature::kEs256, digest, made->value.view()));
  EXPECT_EQ(ObjectsOf(first) + ObjectsOf(second), 4U);
  ASSERT_TRUE(vault_->Delete("k", kNoon));
  ASSERT_TRUE(vault_->Purge("k"));
  EXPECT_EQ(ObjectsOf(first) + ObjectsOf(second), 0U);
}

TEST_F(TokenVault, WorksForManyAtOnce) {
  const KeyVersion key = vault_->Create("k", InHsm(KeyKind::kEc), {}, kNoon).value();
  std::atomic<int> valid{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const Bytes digest(32, static_cast<std::byte>(i * 20 + j));
        const auto made = Run("k", Operation::kSign, "ES256", digest);
        if (made &&
            *VerifyDigest(PublicOf(key), DigestSignature::kEs256, digest, made->value.view())) {
          ++valid;
        }
      }
    });
  }
  for (std::thread& one : clients) one.join();
  EXPECT_EQ(valid, 160);
}

}  // namespace
}  // namespace assay::keys
