// HMAC, OAEP, AES-CFB, ECDH and secrets, against published vectors and OpenSSL's other direction.
#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "crypto/aes_cfb.h"
#include "crypto/certificate_builder.h"
#include "crypto/ecdh.h"
#include "crypto/hmac.h"
#include "crypto/oaep.h"
#include "crypto/openssl_ptr.h"
#include "crypto/secret.h"

namespace assay {
namespace {

Bytes Hex(std::string_view text) { return HexDecode(text).value(); }

TEST(Hmac, ComputesTheCodesOfRfc4231) {
  const Bytes first(20, std::byte{0x0B});
  EXPECT_EQ(HexEncode(HmacSha256(first, AsBytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(HmacSha384(first, AsBytes("Hi There"))),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
            "faea9ea9076ede7f4af152e8b2fa9cb6");
  const View jefe = AsBytes("Jefe");
  const View question = AsBytes("what do ya want for nothing?");
  EXPECT_EQ(HexEncode(HmacSha256(jefe, question)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacSha384(jefe, question)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
}

TEST(Hmac, TakesAnEmptyKeyAndAnEmptyMessage) {
  EXPECT_EQ(HexEncode(HmacSha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(AesCfb, EncryptsAsSp80038aF313AndF317) {
  const Bytes iv = Hex("000102030405060708090a0b0c0d0e0f");
  const Bytes plain = Hex("6bc1bee22e409f96e93d7e117393172a");
  EXPECT_EQ(HexEncode(EncryptAesCfb128(Hex("2b7e151628aed2a6abf7158809cf4f3c"), iv, plain).value()),
            "3b3fd92eb72dad20333449f8e83cfb4a");
  const Bytes key = Hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  EXPECT_EQ(HexEncode(EncryptAesCfb128(key, iv, plain).value()),
            "dc7e84bfda79164b7ecd8486985d3860");
  EXPECT_EQ(EncryptAesCfb128(key, iv, View(plain).first(5))->size(), 5U);
  EXPECT_FALSE(EncryptAesCfb128(View(key).first(24), iv, plain));
  EXPECT_FALSE(EncryptAesCfb128(key, View(iv).first(12), plain));
}

PublicKey PublicOf(const VendorKey& key) {
  EVP_PKEY_up_ref(key.raw());
  return PublicKey::Adopt(key.raw());
}

// Empty where OpenSSL refuses.
Bytes DecryptOaep(const VendorKey& key, const EVP_MD* hash, std::string_view label, View cipher) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  void* const copy = OPENSSL_memdup(label.data(), label.size());
  EVP_PKEY_decrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), hash);
  EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), hash);
  EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.size()));
  Bytes out(512);
  std::size_t size = out.size();
  const bool ok =
      EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       reinterpret_cast<const unsigned char*>(cipher.data()), cipher.size()) == 1;
  out.resize(ok ? size : 0);
  return out;
}

TEST(Oaep, DecryptsWithItsHashAndLabelOnly) {
  const VendorKey key = VendorKey::Generate(VendorKeyType::kRsa2048).value();
  const Bytes plain(32, std::byte{7});
  const Bytes cipher =
      EncryptOaep(PublicOf(key), OaepHash::kSha384, AsBytes("IDENTITY"), plain).value();
  EXPECT_EQ(DecryptOaep(key, EVP_sha384(), "IDENTITY", cipher), plain);
  EXPECT_TRUE(DecryptOaep(key, EVP_sha384(), "DUPLICATE", cipher).empty());
  EXPECT_TRUE(DecryptOaep(key, EVP_sha256(), "IDENTITY", cipher).empty());
}

TEST(Oaep, TakesSha1WhereAFormatDemandsIt) {
  const VendorKey key = VendorKey::Generate(VendorKeyType::kRsa2048).value();
  const Bytes plain(32, std::byte{7});
  const Bytes cipher = EncryptOaep(PublicOf(key), OaepHash::kSha1, {}, plain).value();
  EXPECT_EQ(DecryptOaep(key, EVP_sha1(), "", cipher), plain);
  EXPECT_TRUE(DecryptOaep(key, EVP_sha256(), "", cipher).empty());
}

TEST(Oaep, RefusesWhatDoesNotFitAndOtherKeys) {
  const VendorKey rsa = VendorKey::Generate(VendorKeyType::kRsa2048).value();
  EXPECT_FALSE(EncryptOaep(PublicOf(rsa), OaepHash::kSha256, {}, Bytes(191)));
  EXPECT_TRUE(EncryptOaep(PublicOf(rsa), OaepHash::kSha256, {}, Bytes(190)));
  const VendorKey ec = VendorKey::Generate(VendorKeyType::kP256).value();
  EXPECT_FALSE(EncryptOaep(PublicOf(ec), OaepHash::kSha256, {}, Bytes(32)));
}

TEST(Ecdh, BothSidesAgree) {
  for (const auto type : {VendorKeyType::kP256, VendorKeyType::kP384}) {
    const VendorKey peer = VendorKey::Generate(type).value();
    const EphemeralAgreement agreed = AgreeEphemerally(PublicOf(peer)).value();
    EXPECT_EQ(agreed.peer_x, ToBytes(View(peer.Point().value()).first(agreed.peer_x.size())));
    Bytes point = agreed.x;
    Append(point, agreed.y);
    const Curve curve = type == VendorKeyType::kP256 ? Curve::kP256 : Curve::kP384;
    const PublicKey ephemeral = PublicKey::FromPoint(curve, point).value();
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, peer.raw(), nullptr));
    Bytes z(agreed.z.size());
    std::size_t size = z.size();
    EVP_PKEY_derive_init(context.get());
    EVP_PKEY_derive_set_peer(context.get(), ephemeral.raw());
    ASSERT_EQ(EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(z.data()), &size), 1);
    EXPECT_TRUE(SecretEqual(z, agreed.z.view()));
  }
  const VendorKey rsa = VendorKey::Generate(VendorKeyType::kRsa2048).value();
  EXPECT_FALSE(AgreeEphemerally(PublicOf(rsa)));
}

TEST(Secret, EqualsOnlyTheSameBytes) {
  EXPECT_TRUE(SecretEqual(Hex("0102"), Hex("0102")));
  EXPECT_FALSE(SecretEqual(Hex("0102"), Hex("0103")));
  EXPECT_FALSE(SecretEqual(Hex("0102"), Hex("01")));
  EXPECT_TRUE(SecretEqual({}, {}));
}

TEST(Secret, MovesAndLeavesNothingBehind) {
  SecretBytes first(View(Hex("0102")));
  SecretBytes second(std::move(first));
  EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): what is left is the point
  EXPECT_EQ(HexEncode(second.view()), "0102");
  first = std::move(second);
  EXPECT_EQ(HexEncode(first.view()), "0102");
}

}  // namespace
}  // namespace assay
