#include "crypto/rsa_aes_key_wrap.h"

#include <gtest/gtest.h>

#include "crypto/aes_key_wrap.h"
#include "crypto/asymmetric_key.h"
#include "crypto/jose.h"
#include "crypto/rsa_cipher.h"

namespace assay {
namespace {

struct WrapRecipient {
  AsymmetricKey key = AsymmetricKey::GenerateRsa(2048).value();
  PublicKey to = RsaPublicKey(key.RsaPublic()->n, key.RsaPublic()->e).value();
};

TEST(RsaAesKeyWrap, IsAnAesKeyUnderOaepAndTheKeyUnderIt) {
  const WrapRecipient recipient;
  for (const auto& [hash, cipher] : {std::pair(OaepHash::kSha1, RsaCipher::kOaepSha1),
                                     std::pair(OaepHash::kSha256, RsaCipher::kOaepSha256)}) {
    const Bytes secret(21, std::byte{0x42});
    const Bytes wrapped = WrapRsaAes(recipient.to, hash, secret).value();
    const auto aes = DecryptRsa(recipient.key, cipher, View(wrapped).first(256));
    ASSERT_TRUE(aes);
    EXPECT_EQ(aes->size(), kRsaAesEphemeralBytes);
    EXPECT_TRUE(Equal(UnwrapAesKwp(aes->view(), View(wrapped).subspan(256))->view(), secret));
  }
}

TEST(RsaAesKeyWrap, DrawsAKeyOfItsOwnEachTime) {
  const WrapRecipient recipient;
  const auto part = [&recipient] {
    const Bytes wrapped = WrapRsaAes(recipient.to, OaepHash::kSha1, Bytes(32)).value();
    return ToBytes(View(wrapped).subspan(256));
  };
  EXPECT_NE(part(), part());
}

TEST(RsaAesKeyWrap, RefusesAnEmptyKey) {
  EXPECT_FALSE(WrapRsaAes(WrapRecipient().to, OaepHash::kSha1, {}));
}

}  // namespace
}  // namespace assay
