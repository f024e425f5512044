#include "tee/tpm/make_credential.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/certificate_builder.h"

namespace assay::tpm {
namespace {

Bytes Hex(std::string_view text) { return HexDecode(text).value(); }

// A P-256 storage key: fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted,
// decrypt.
Bytes StorageKey(std::string_view symmetric = "000600800043", std::string_view hash = "000b") {
  const VendorKey key = VendorKey::Generate(VendorKeyType::kP256).value();
  const std::string point = HexEncode(key.Point().value());
  return Hex("0023" + std::string(hash) + "000300b2" + "0000" + std::string(symmetric) + "0010" +
             "0003" + "0010" + "0020" + point.substr(0, 64) + "0020" + point.substr(64));
}

const Bytes kName(34, std::byte{9});
const Bytes kSecret(32, std::byte{7});

Result<Credential> MakeFor(const Bytes& key, View secret = kSecret) {
  const PublicArea area = ParsePublicArea(key).value();
  return MakeCredential(area, kName, secret);
}

TEST(MakeCredential, WritesSizedStructuresOfPart2) {
  const auto made = MakeFor(StorageKey());
  ASSERT_TRUE(made) << made.error().message;
  // TPM2B_ID_OBJECT: HMAC of SHA-256, and a TPM2B_DIGEST of the secret, encrypted.
  EXPECT_EQ(made->blob.size(), 2U + 2 + 32 + 2 + 32);
  EXPECT_EQ(HexEncode(View(made->blob).first(4)), "00440020");
  // A point of P-256.
  EXPECT_EQ(made->encrypted_secret.size(), 2U + 2 * (2 + 32));
  EXPECT_EQ(HexEncode(View(made->encrypted_secret).first(4)), "00440020");
}

TEST(MakeCredential, NeverMakesTheSameTwice) {
  const Bytes key = StorageKey();
  EXPECT_NE(MakeFor(key)->blob, MakeFor(key)->blob);
}

TEST(MakeCredential, RefusesKeysThatAreNoStorageKeys) {
  EXPECT_FALSE(MakeFor(StorageKey("0010")));          // no cipher: a signing key
  EXPECT_FALSE(MakeFor(StorageKey("001301000043")));  // SM4
  EXPECT_FALSE(MakeFor(StorageKey("000600800042")));  // AES-CBC
  EXPECT_FALSE(MakeFor(StorageKey("000600c00043")));  // AES-192
  EXPECT_FALSE(MakeFor(StorageKey("000600800043", "0004")));
  EXPECT_TRUE(MakeFor(StorageKey("000601000043", "000c")));
}

TEST(MakeCredential, RefusesSecretsThatNoTpmWouldReturn) {
  EXPECT_FALSE(MakeFor(StorageKey(), {}));
  EXPECT_FALSE(MakeFor(StorageKey(), Bytes(33)));
}

TEST(TpmPublicArea, ReadsTheSymmetricDefinitionOfAStorageKey) {
  const Bytes key = StorageKey();
  const PublicArea area = ParsePublicArea(key).value();
  EXPECT_EQ(area.symmetric, (SymmetricDefinition{0x0006, 128, 0x0043}));
  EXPECT_TRUE(area.decrypt() && area.restricted() && area.admin_with_policy());
  EXPECT_FALSE(area.signs() || area.user_with_auth());
}

}  // namespace
}  // namespace assay::tpm
