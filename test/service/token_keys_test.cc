// Rotation of the keys that sign tokens: what is published when, and after a crash at each step.
#include "server/token_keys.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/limits.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

const Time kMade = FromUnixSeconds(1'800'000'000);
constexpr std::chrono::hours kLead{24};

std::shared_ptr<const KeyRing> Open(const TemporaryFolder& folder) {
  return OpenTokenKeys(folder.path(), "https://attest.example", TokenAlgorithm::kEs256,
                       kMade - std::chrono::hours(1))
      .value();
}

RotationRequest Request(Time now = kMade) {
  RotationRequest out;
  out.algorithm = TokenAlgorithm::kEs256;
  out.now = now;
  out.lead = kLead;
  return out;
}

std::string SignerAt(const KeyRing& ring, Time now) {
  return KeyId(*ring.SignerAt(now).certificate);
}

std::size_t PublishedAt(const KeyRing& ring, Time now) { return ring.PublishedAt(now).size(); }

TEST(TokenKeys, PublishTheNewKeyBeforeItSignsAndTheOldOneUntilItsLastTokenExpired) {
  const TemporaryFolder folder;
  const std::string old = SignerAt(*Open(folder), kMade);
  const auto rotation = RotateTokenKeys(folder.path(), Request());
  ASSERT_TRUE(rotation) << rotation.error().message;
  const auto ring = Open(folder);
  EXPECT_EQ(SignerAt(*ring, kMade), old);
  EXPECT_EQ(PublishedAt(*ring, kMade), 2U);
  EXPECT_EQ(SignerAt(*ring, kMade + kLead - std::chrono::seconds(1)), old);
  EXPECT_EQ(SignerAt(*ring, kMade + kLead), rotation->kid);
  EXPECT_EQ(PublishedAt(*ring, kMade + kLead), 2U);
  const Time end = kMade + kLead + limits::kLongestToken;
  EXPECT_EQ(PublishedAt(*ring, end - std::chrono::seconds(1)), 2U);
  EXPECT_EQ(PublishedAt(*ring, end), 1U);
}

TEST(TokenKeys, AreNotRotatedAgainBeforeTheNewKeySigns) {
  const TemporaryFolder folder;
  Open(folder);
  ASSERT_TRUE(RotateTokenKeys(folder.path(), Request()));
  EXPECT_FALSE(RotateTokenKeys(folder.path(), Request()));
  EXPECT_TRUE(RotateTokenKeys(folder.path(), Request(kMade + kLead)));
}

TEST(TokenKeys, AreWithdrawnAtOnceWhenCompromised) {
  const TemporaryFolder folder;
  Open(folder);
  RotationRequest request = Request();
  request.compromised = true;
  const auto rotation = RotateTokenKeys(folder.path(), request);
  ASSERT_TRUE(rotation);
  const auto ring = Open(folder);
  EXPECT_EQ(SignerAt(*ring, kMade), rotation->kid);
  EXPECT_EQ(PublishedAt(*ring, kMade), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/token-es256.key"));
}

TEST(TokenKeys, GoOnAfterACrashAtEachStep) {
  for (int steps = 0; steps < 4; ++steps) {
    const TemporaryFolder folder;
    const std::string old = SignerAt(*Open(folder), kMade);
    RotationRequest crashing = Request();
    crashing.go_on = [left = steps]() mutable { return left-- > 0; };
    EXPECT_FALSE(RotateTokenKeys(folder.path(), crashing)) << steps;
    // The service finds the old schedule or, from the last step on, the new one: never less.
    const auto ring = Open(folder);
    EXPECT_EQ(SignerAt(*ring, kMade), old) << steps;
    EXPECT_EQ(PublishedAt(*ring, kMade), steps < 3 ? 1U : 2U) << steps;
    // And the next rotation succeeds.
    const Time later = kMade + kLead;
    ASSERT_TRUE(RotateTokenKeys(folder.path(), Request(later))) << steps;
    EXPECT_EQ(PublishedAt(*Open(folder), later), steps < 3 ? 2U : 3U) << steps;
  }
}

TEST(TokenKeys, RefuseAFolderWithoutKeysAndAScheduleWhoseKeyIsGone) {
  const TemporaryFolder folder;
  EXPECT_FALSE(RotateTokenKeys(folder.path(), Request()));
  Open(folder);
  ASSERT_TRUE(RotateTokenKeys(folder.path(), Request()));
  std::filesystem::remove(folder.path() + "/token-es256-2.key");
  EXPECT_FALSE(
      OpenTokenKeys(folder.path(), "https://attest.example", TokenAlgorithm::kEs256, kMade));
}

TEST(TokenKeys, OfNoRingAreMissingWhateverTheClockSays) {
  const TemporaryFolder folder;
  const std::string old = SignerAt(*Open(folder), kMade);
  ASSERT_TRUE(RotateTokenKeys(folder.path(), Request()));
  EXPECT_EQ(SignerAt(*Open(folder), Time{}), old);
}

}  // namespace
}  // namespace assay
