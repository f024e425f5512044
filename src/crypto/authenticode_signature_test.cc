#include "crypto/authenticode_signature.h"

#include <gtest/gtest.h>

#include "crypto/authenticode_testing.h"

namespace assay {
namespace {

using testing::MakeAuthenticode;
using testing::MakeSigner;
using testing::Signer;

const Sha256Digest kImage = Sha256(AsBytes("image"));

TEST(AuthenticodeSignature, IsVerifiedByItsSignerAndByTheIssuerAbove) {
  const Signer root = MakeSigner("root");
  const Signer leaf = MakeSigner("leaf", &root);
  const Bytes der = MakeAuthenticode(kImage, leaf);
  const auto signature = AuthenticodeSignature::FromDer(der).value();
  EXPECT_TRUE(Equal(signature.image_digest(), kImage));
  EXPECT_TRUE(signature.VerifiedBy(*root.certificate));
  EXPECT_TRUE(signature.VerifiedBy(*leaf.certificate)) << "the anchor need not be a root";
}

TEST(AuthenticodeSignature, IsNotVerifiedByAStrangerOfTheSameName) {
  const Signer root = MakeSigner("root");
  const Signer leaf = MakeSigner("leaf", &root);
  const auto signature = AuthenticodeSignature::FromDer(MakeAuthenticode(kImage, leaf)).value();
  EXPECT_FALSE(signature.VerifiedBy(*MakeSigner("root").certificate));
  EXPECT_FALSE(signature.VerifiedBy(*MakeSigner("leaf", &root).certificate));
}

TEST(AuthenticodeSignature, FailsWhenWhatItSignsIsChanged) {
  const Signer signer = MakeSigner("signer");
  Bytes der = MakeAuthenticode(kImage, signer);
  const auto at = std::search(der.begin(), der.end(), kImage.begin(), kImage.end());
  ASSERT_NE(at, der.end());
  *at ^= std::byte{1};
  EXPECT_FALSE(AuthenticodeSignature::FromDer(der).value().VerifiedBy(*signer.certificate));
}

TEST(AuthenticodeSignature, PassesOverPadding) {
  const Signer signer = MakeSigner("signer");
  Bytes der = MakeAuthenticode(kImage, signer);
  der.resize(der.size() + 7);
  EXPECT_TRUE(AuthenticodeSignature::FromDer(der).value().VerifiedBy(*signer.certificate));
}

TEST(AuthenticodeSignature, RefusesOtherContentAndTruncation) {
  const Signer signer = MakeSigner("signer");
  const auto other =
      AuthenticodeSignature::FromDer(MakeAuthenticode(kImage, signer, "1.3.6.1.4.1.311.2.1.5"));
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("SpcIndirectData"), std::string::npos);
  const Bytes der = MakeAuthenticode(kImage, signer);
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(AuthenticodeSignature::FromDer(View(der).first(size))) << size;
  }
}

}  // namespace
}  // namespace assay
