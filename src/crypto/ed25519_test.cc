#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace assay {
namespace {

// RFC 8032 §7.1, TEST 2.
constexpr std::string_view kSeedOfRfc =
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr std::string_view kPublicOfRfc =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr std::string_view kSignatureOfRfc =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

TEST(Ed25519, SignsAsTheRfcDoes) {
  const auto key = Ed25519Key::FromSeed(HexDecode(kSeedOfRfc).value()).value();
  EXPECT_EQ(HexEncode(key.Public().bytes()), kPublicOfRfc);
  const Bytes message = HexDecode("72").value();
  EXPECT_EQ(HexEncode(key.Sign(message).value()), kSignatureOfRfc);
  EXPECT_TRUE(key.Public().Verify(message, HexDecode(kSignatureOfRfc).value()));
  EXPECT_EQ(HexEncode(key.Seed().value().view()), kSeedOfRfc);
}

TEST(Ed25519, RefusesAnotherMessageSignatureOrKey) {
  const auto key = Ed25519Key::Generate().value();
  const Bytes signature = key.Sign(AsBytes("text")).value();
  EXPECT_TRUE(key.Public().Verify(AsBytes("text"), signature));
  EXPECT_FALSE(key.Public().Verify(AsBytes("texT"), signature));
  EXPECT_FALSE(Ed25519Key::Generate().value().Public().Verify(AsBytes("text"), signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes changed = signature;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(key.Public().Verify(AsBytes("text"), changed)) << i;
  }
  EXPECT_FALSE(key.Public().Verify(AsBytes("text"), View(signature).first(63)));
}

TEST(Ed25519, RefusesKeysOfAnotherSize) {
  const Bytes bytes(33);
  EXPECT_FALSE(Ed25519PublicKey::FromBytes(View(bytes).first(31)));
  EXPECT_FALSE(Ed25519PublicKey::FromBytes(bytes));
  EXPECT_FALSE(Ed25519Key::FromSeed(View(bytes).first(31)));
}

}  // namespace
}  // namespace assay
