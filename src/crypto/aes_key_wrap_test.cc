// Against the vectors of the RFCs; project Wycheproof's run in test/jose.
#include "crypto/aes_key_wrap.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay {
namespace {

Bytes FromHex(std::string_view text) { return HexDecode(text).value(); }

// RFC 3394 §4.6 and RFC 5649 §6.
const Bytes kKek256 = FromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const Bytes kKek192 = FromHex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");

TEST(AesKeyWrap, WrapsAsRfc3394Section46) {
  const Bytes key = FromHex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
  const Bytes wrapped = WrapAesKw(kKek256, key).value();
  EXPECT_EQ(HexEncode(wrapped),
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  EXPECT_TRUE(Equal(UnwrapAesKw(kKek256, wrapped)->view(), key));
}

TEST(AesKeyWrap, WrapsWithPaddingAsRfc5649Section6) {
  const Bytes twenty = FromHex("c37b7e6492584340bed12207808941155068f738");
  const Bytes seven = FromHex("466f7250617369");
  EXPECT_EQ(HexEncode(WrapAesKwp(kKek192, twenty).value()),
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
  EXPECT_EQ(HexEncode(WrapAesKwp(kKek192, seven).value()), "afbeb0f07dfbf5419200f2ccb50bb24f");
}

TEST(AesKeyWrap, GivesBackKeysOfEverySize) {
  for (std::size_t size = 1; size <= 72; ++size) {
    const Bytes key(size, static_cast<std::byte>(size));
    const Bytes wrapped = WrapAesKwp(kKek256, key).value();
    EXPECT_EQ(wrapped.size(), (size + 7) / 8 * 8 + 8);
    const auto back = UnwrapAesKwp(kKek256, wrapped);
    ASSERT_TRUE(back) << size;
    EXPECT_TRUE(Equal(back->view(), key)) << size;
  }
}

TEST(AesKeyWrap, RefusesEveryBitThatIsFlipped) {
  const Bytes key(31, std::byte{5});
  const Bytes padded = WrapAesKwp(kKek256, key).value();
  const Bytes plain = WrapAesKw(kKek256, View(key).first(24)).value();
  for (std::size_t bit = 0; bit < padded.size() * 8; ++bit) {
    Bytes changed = padded;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(UnwrapAesKwp(kKek256, changed)) << bit;
  }
  for (std::size_t bit = 0; bit < plain.size() * 8; ++bit) {
    Bytes changed = plain;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(UnwrapAesKw(kKek256, changed)) << bit;
  }
}

TEST(AesKeyWrap, RefusesTruncationAndTheOtherForm) {
  const Bytes key(32, std::byte{5});
  const Bytes padded = WrapAesKwp(kKek256, key).value();
  const Bytes plain = WrapAesKw(kKek256, key).value();
  for (std::size_t size = 0; size < padded.size(); ++size) {
    EXPECT_FALSE(UnwrapAesKwp(kKek256, View(padded).first(size))) << size;
    EXPECT_FALSE(UnwrapAesKw(kKek256, View(plain).first(size))) << size;
  }
  EXPECT_FALSE(UnwrapAesKw(kKek256, padded));
  EXPECT_FALSE(UnwrapAesKwp(kKek256, plain));
}

TEST(AesKeyWrap, RefusesAnotherKeyEncryptionKey) {
  const Bytes wrapped = WrapAesKwp(kKek256, Bytes(32)).value();
  Bytes other = kKek256;
  other[31] ^= std::byte{1};
  EXPECT_FALSE(UnwrapAesKwp(other, wrapped));
  EXPECT_FALSE(UnwrapAesKwp(View(kKek256).first(16), wrapped));
}

TEST(AesKeyWrap, RefusesKeyEncryptionKeysOfOtherSizes) {
  for (const std::size_t size : {0U, 8U, 15U, 33U}) {
    const auto wrapped = WrapAesKw(Bytes(size), Bytes(16));
    ASSERT_FALSE(wrapped) << size;
    EXPECT_NE(wrapped.error().message.find("16, 24 or 32"), std::string::npos);
    EXPECT_FALSE(UnwrapAesKwp(Bytes(size), Bytes(24))) << size;
  }
}

TEST(AesKeyWrap, RefusesSizesThatItsSpecificationDoes) {
  for (const std::size_t size : {0U, 8U, 15U, 17U}) {
    EXPECT_FALSE(WrapAesKw(kKek256, Bytes(size))) << size;
  }
  EXPECT_FALSE(WrapAesKwp(kKek256, {}));
}

TEST(AesKeyWrap, RefusesMoreThanItsBound) {
  EXPECT_TRUE(WrapAesKw(kKek256, Bytes(limits::kWrappedKeyBytes)));
  EXPECT_FALSE(WrapAesKw(kKek256, Bytes(limits::kWrappedKeyBytes + 8)));
  const Bytes most = WrapAesKwp(kKek256, Bytes(limits::kWrappedKeyBytes)).value();
  EXPECT_TRUE(UnwrapAesKwp(kKek256, most));
  EXPECT_FALSE(WrapAesKwp(kKek256, Bytes(limits::kWrappedKeyBytes + 1)));
  EXPECT_FALSE(UnwrapAesKwp(kKek256, Bytes(most.size() + 8)));
}

}  // namespace
}  // namespace assay
