// AES-CBC, AES-GCM and scrypt. What is expected was computed by another implementation.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/aes_cbc.h"
#include "crypto/aes_gcm.h"
#include "crypto/scrypt.h"

namespace assay {
namespace {

Bytes Filled(std::size_t size, unsigned value) {
  return Bytes(size, static_cast<std::byte>(value));
}

TEST(AesCbc, AgreesWithAnotherImplementation) {
  const Bytes key = Filled(24, 1);
  const Bytes iv = Filled(16, 2);
  const auto text = EncryptAesCbc(key, iv, CbcPadding::kPkcs7, AsBytes("padded by PKCS #7"));
  ASSERT_TRUE(text);
  EXPECT_EQ(HexEncode(*text), "888476783f5c54c56bbfae87489d4f54e0cba181195e3a6036d779f0f1e71488");
  EXPECT_EQ(AsText(DecryptAesCbc(key, iv, CbcPadding::kPkcs7, *text)->view()), "padded by PKCS #7");
}

TEST(AesCbc, RefusesKeysIvsAndTextsOfOtherSizes) {
  EXPECT_FALSE(EncryptAesCbc(Filled(15, 1), Filled(16, 2), CbcPadding::kPkcs7, {}));
  EXPECT_FALSE(EncryptAesCbc(Filled(16, 1), Filled(12, 2), CbcPadding::kPkcs7, {}));
  EXPECT_FALSE(EncryptAesCbc(Filled(16, 1), Filled(16, 2), CbcPadding::kNone, Filled(15, 3)));
  EXPECT_FALSE(DecryptAesCbc(Filled(16, 1), Filled(16, 2), CbcPadding::kNone, Filled(15, 3)));
  EXPECT_FALSE(DecryptAesCbc(Filled(16, 1), Filled(16, 2), CbcPadding::kPkcs7, {}));
  EXPECT_EQ(EncryptAesCbc(Filled(16, 1), Filled(16, 2), CbcPadding::kNone, Filled(32, 3))->size(),
            32U);
}

TEST(AesGcm, OpensWhatAnotherImplementationSealed) {
  const GcmSealed sealed{Filled(12, 4), HexDecode("334272a1c8fa276afc6cf4").value(),
                         HexDecode("1b7aff4d48b07cc05ee006c41869f107").value()};
  const auto opened = OpenGcm(Filled(32, 3), AsBytes("context"), sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(AsText(opened->view()), "sealed text");
  EXPECT_FALSE(OpenGcm(Filled(32, 3), AsBytes("contexT"), sealed));
  EXPECT_FALSE(OpenGcm(Filled(32, 2), AsBytes("context"), sealed));
}

TEST(AesGcm, RefusesATagThatIsCut) {
  const GcmSealed sealed = SealGcm(Filled(16, 1), {}, AsBytes("text")).value();
  for (std::size_t size = 0; size < kGcmTagBytes; ++size) {
    GcmSealed cut = sealed;
    cut.tag.resize(size);
    EXPECT_FALSE(OpenGcm(Filled(16, 1), {}, cut)) << size;
  }
  EXPECT_TRUE(OpenGcm(Filled(16, 1), {}, sealed));
}

TEST(AesGcm, NeverUsesAnIvAgain) {
  const Bytes one = SealGcm(Filled(16, 1), {}, {})->iv;
  EXPECT_NE(one, SealGcm(Filled(16, 1), {}, {})->iv);
}

TEST(AesGcm, UnpacksWhatItPackedAndNothingShorter) {
  const GcmSealed sealed = SealGcm(Filled(32, 1), {}, AsBytes("text")).value();
  const Bytes packed = PackGcm(sealed);
  EXPECT_EQ(UnpackGcm(packed)->text, sealed.text);
  EXPECT_FALSE(UnpackGcm(View(packed).first(kGcmIvBytes + kGcmTagBytes - 1)));
}

TEST(Scrypt, AgreesWithAnotherImplementation) {
  const auto key =
      Scrypt(AsBytes("a passphrase of ours"), AsBytes("salt of this test"), {14, 8, 1}, 32);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(HexEncode(key->view()),
            "5f0ce1e9d2b1e276fb41627c933b80aa61dae698eb53219691728fcd67f91d40");
}

TEST(Scrypt, RefusesACostBeyondTheLimits) {
  for (const ScryptCost& cost :
       {ScryptCost{0, 8, 1}, ScryptCost{21, 8, 1}, ScryptCost{4, 16, 1}, ScryptCost{4, 8, 2}}) {
    EXPECT_FALSE(Scrypt(AsBytes("p"), AsBytes("s"), cost, 32));
  }
}

}  // namespace
}  // namespace assay
