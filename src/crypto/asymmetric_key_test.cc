#include "crypto/asymmetric_key.h"

#include <gtest/gtest.h>

#include "crypto/digest_signature.h"
#include "crypto/rsa_cipher.h"

namespace assay {
namespace {

const Bytes kDigest(32, std::byte{9});

TEST(AsymmetricKey, IsTheSameAfterPkcs8) {
  for (const NamedCurve curve :
       {NamedCurve::kP256, NamedCurve::kP384, NamedCurve::kP521, NamedCurve::kP256K}) {
    const AsymmetricKey key = AsymmetricKey::GenerateEc(curve).value();
    const SecretBytes der = key.ToPkcs8().value();
    const AsymmetricKey again = AsymmetricKey::FromPkcs8(der.view()).value();
    EXPECT_EQ(again.curve(), curve);
    EXPECT_EQ(again.EcPublic()->x, key.EcPublic()->x);
    EXPECT_TRUE(Equal(again.ToPkcs8()->view(), der.view()));
  }
  const AsymmetricKey rsa = AsymmetricKey::GenerateRsa(2048).value();
  EXPECT_EQ(AsymmetricKey::FromPkcs8(rsa.ToPkcs8()->view())->RsaPublic()->n, rsa.RsaPublic()->n);
}

TEST(AsymmetricKey, RefusesPkcs8ThatIsCutOrHasMoreBehind) {
  const SecretBytes der = AsymmetricKey::GenerateEc(NamedCurve::kP256)->ToPkcs8().value();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(AsymmetricKey::FromPkcs8(der.view().first(size))) << size;
  }
  Bytes more = ToBytes(der.view());
  more.push_back(std::byte{0});
  EXPECT_FALSE(AsymmetricKey::FromPkcs8(more));
}

TEST(AsymmetricKey, RefusesPointsOffTheirCurve) {
  EcPublicParts parts = AsymmetricKey::GenerateEc(NamedCurve::kP256)->EcPublic().value();
  EXPECT_TRUE(AsymmetricKey::FromEc(parts));
  EcPublicParts wrong = parts;
  wrong.y.back() ^= std::byte{1};
  EXPECT_FALSE(AsymmetricKey::FromEc(wrong));
  wrong = parts;
  wrong.curve = NamedCurve::kP256K;
  EXPECT_FALSE(AsymmetricKey::FromEc(wrong));
  wrong = parts;
  wrong.x.insert(wrong.x.begin(), std::byte{0});
  EXPECT_FALSE(AsymmetricKey::FromEc(wrong));
  EXPECT_FALSE(AsymmetricKey::FromEc(EcPublicParts{NamedCurve::kP256, Bytes(32), Bytes(32)}));
}

TEST(AsymmetricKey, RefusesHalvesThatDoNotBelongTogether) {
  const AsymmetricKey one = AsymmetricKey::GenerateEc(NamedCurve::kP256).value();
  const AsymmetricKey other = AsymmetricKey::GenerateEc(NamedCurve::kP256).value();
  const SecretBytes der = one.ToPkcs8().value();
  const View scalar = der.view().subspan(36, 32);  // RFC 5915 within PKCS #8, of P-256
  EXPECT_TRUE(AsymmetricKey::FromEc(one.EcPublic().value(), scalar));
  EXPECT_FALSE(AsymmetricKey::FromEc(other.EcPublic().value(), scalar));
  EXPECT_FALSE(AsymmetricKey::FromEc(one.EcPublic().value(), scalar.first(31)));
  EXPECT_FALSE(AsymmetricKey::FromEc(one.EcPublic().value(), Bytes(32)));
}

TEST(AsymmetricKey, RefusesWeakRsaKeys) {
  const RsaPublicParts good = AsymmetricKey::GenerateRsa(2048)->RsaPublic().value();
  EXPECT_TRUE(AsymmetricKey::FromRsa(good));
  EXPECT_FALSE(AsymmetricKey::FromRsa({Bytes(good.n.begin() + 128, good.n.end()), good.e}));
  EXPECT_FALSE(AsymmetricKey::FromRsa({good.n, Bytes{std::byte{3}}}));
  EXPECT_FALSE(AsymmetricKey::FromRsa({good.n, Bytes{}}));
}

TEST(AsymmetricKey, RefusesRsaPartsThatDoNotBelongTogether) {
  const RsaPublicParts parts = AsymmetricKey::GenerateRsa(2048)->RsaPublic().value();
  RsaPrivateParts made_up;
  for (SecretBytes RsaPrivateParts::*part :
       {&RsaPrivateParts::d, &RsaPrivateParts::p, &RsaPrivateParts::q, &RsaPrivateParts::dp,
        &RsaPrivateParts::dq, &RsaPrivateParts::qi}) {
    made_up.*part = RandomSecret(128).value();
  }
  EXPECT_FALSE(AsymmetricKey::FromRsa(parts, made_up));
}

TEST(DigestSignature, RefusesSignaturesOfZerosAndOfOtherSizes) {
  const AsymmetricKey key = AsymmetricKey::GenerateEc(NamedCurve::kP256).value();
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 72U}) {
    const auto verified = VerifyDigest(key, DigestSignature::kEs256, kDigest, Bytes(size));
    ASSERT_TRUE(verified);
    EXPECT_FALSE(*verified) << size;
  }
}

TEST(DigestSignature, APssSignatureIsNoPkcs1SignatureAndTheOtherWayRound) {
  const AsymmetricKey key = AsymmetricKey::GenerateRsa(2048).value();
  const Bytes pss = SignDigest(key, DigestSignature::kPs256, kDigest).value();
  EXPECT_TRUE(*VerifyDigest(key, DigestSignature::kPs256, kDigest, pss));
  EXPECT_FALSE(*VerifyDigest(key, DigestSignature::kRs256, kDigest, pss));
  const Bytes pkcs1 = SignDigest(key, DigestSignature::kRs256, kDigest).value();
  EXPECT_FALSE(*VerifyDigest(key, DigestSignature::kPs256, kDigest, pkcs1));
}

TEST(RsaCipher, RefusesMoreThanFits) {
  const AsymmetricKey key = AsymmetricKey::GenerateRsa(2048).value();
  for (const auto& [cipher, most] :
       {std::pair(RsaCipher::kOaepSha1, 214U), std::pair(RsaCipher::kOaepSha256, 190U),
        std::pair(RsaCipher::kPkcs1, 245U)}) {
    const auto sealed = EncryptRsa(key, cipher, Bytes(most));
    ASSERT_TRUE(sealed);
    EXPECT_EQ(DecryptRsa(key, cipher, *sealed)->size(), most);
    EXPECT_FALSE(EncryptRsa(key, cipher, Bytes(most + 1)));
  }
}

TEST(RsaCipher, OpensNothingOfAnotherCipherOrThatWasChanged) {
  const AsymmetricKey key = AsymmetricKey::GenerateRsa(2048).value();
  Bytes sealed = EncryptRsa(key, RsaCipher::kOaepSha256, kDigest).value();
  EXPECT_FALSE(DecryptRsa(key, RsaCipher::kOaepSha1, sealed));
  sealed.back() ^= std::byte{1};
  EXPECT_FALSE(DecryptRsa(key, RsaCipher::kOaepSha256, sealed));
  sealed.pop_back();
  EXPECT_FALSE(DecryptRsa(key, RsaCipher::kOaepSha256, sealed));
  EXPECT_FALSE(EncryptRsa(AsymmetricKey::GenerateEc(NamedCurve::kP256).value(),
                          RsaCipher::kOaepSha256, kDigest));
}

}  // namespace
}  // namespace assay
