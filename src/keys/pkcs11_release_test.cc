// Releases of keys in SoftHSM 2: the only way out.
#include <gtest/gtest.h>

#include "crypto/der.h"
#include "keys/operations.h"
#include "keys/pkcs11_hsm.h"
#include "keys/pkcs11_testing.h"
#include "keys/release_export.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

class TokenRelease : public SoftHsmTest {
 protected:
  void SetUp() override {
    SoftHsmTest::SetUp();
    if (IsSkipped()) return;
    hsm_ = Pkcs11Hsm::Open(OpenToken().value()).value();
    vault_ = Vault::Open(*store_, keks_, {}, hsm_.get()).value();
  }
  KeyVersion Make(KeyKind kind, const KeyProperties& properties) {
    KeySpec spec;
    spec.kind = kind;
    spec.bits = kind == KeyKind::kOct ? 256 : 2048;
    spec.hsm = true;
    return vault_->Create("k", spec, properties, kNoon).value();
  }

  const ReleaseRecipient recipient_{};
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  MemoryKeks keks_;
  std::unique_ptr<Pkcs11Hsm> hsm_;
  std::unique_ptr<Vault> vault_;
};

// PKCS #8; SoftHSM fills it with zeros up to a multiple of 8 bytes.
AsymmetricKey PrivateKeyIn(View released) {
  DerReader reader(released, "released key");
  EXPECT_TRUE(reader.Take(DerReader::kSequence));
  EXPECT_LT(reader.remaining(), 8U);
  const std::size_t size = released.size() - reader.remaining();
  EXPECT_TRUE(IsZero(released.subspan(size)));
  return AsymmetricKey::FromPkcs8(released.first(size)).value();
}

// With SHA-1 all of it is done in the token; with SHA-256 SoftHSM leaves OAEP to OpenSSL.
constexpr std::pair<OaepHash, RsaCipher> kHashes[] = {{OaepHash::kSha1, RsaCipher::kOaepSha1},
                                                      {OaepHash::kSha256, RsaCipher::kOaepSha256}};

TEST_F(TokenRelease, GivesTheKeyToTheRecipientAlone) {
  const ReleaseRecipient stranger;
  for (const auto& [hash, cipher] : kHashes) {
    for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kEc}) {
      const KeyVersion key = Make(kind, Exportable());
      const auto wrapped = ExportForRelease(*vault_, key, recipient_.to(), hash);
      ASSERT_TRUE(wrapped) << wrapped.error().message;
      const SecretBytes secret = recipient_.Unwrapped(*wrapped, cipher);
      ASSERT_GT(secret.size(), 0U);
      EXPECT_EQ(stranger.Unwrapped(*wrapped, cipher).size(), 0U);
      const AsymmetricKey released = PrivateKeyIn(secret.view());
      if (kind == KeyKind::kRsa) {
        EXPECT_EQ(*released.RsaPublic(), key.rsa);
      } else {
        EXPECT_EQ(*released.EcPublic(), key.ec);
      }
    }
  }
}

TEST_F(TokenRelease, GivesTheBytesOfOctKeys) {
  for (const auto& [hash, cipher] : kHashes) {
    const KeyVersion key = Make(KeyKind::kOct, Exportable());
    const Bytes wrapped = ExportForRelease(*vault_, key, recipient_.to(), hash).value();
    const SecretBytes secret = recipient_.Unwrapped(wrapped, cipher);
    ASSERT_EQ(secret.size(), 32U);
    const auto sealed =
        Perform(*vault_, "k", "", {Operation::kEncrypt, "A256GCM", Bytes(5, std::byte{1})}, kNoon);
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(
        OpenGcm(secret.view(), {}, {sealed->iv, ToBytes(sealed->value.view()), sealed->tag}));
  }
}

TEST_F(TokenRelease, WhatIsNotExportableTheTokenItselfKeeps) {
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kEc, KeyKind::kOct}) {
    const KeyVersion key = Make(kind, {});
    EXPECT_EQ(ExportForRelease(*vault_, key, recipient_.to(), OaepHash::kSha1).error().kind,
              FaultKind::kNotExportable);
    // Past all checks of the vault.
    const UsableKeyPtr opened = vault_->OpenKey(key).value();
    for (const auto& one : kHashes) EXPECT_FALSE(opened->Release(recipient_.to(), one.first));
  }
}

}  // namespace
}  // namespace assay::keys
