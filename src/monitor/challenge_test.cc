#include "monitor/challenge.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay::monitor {
namespace {

constexpr std::string_view kMachine = "00112233445566778899aabbccddeeff";
constexpr Time kNow{std::chrono::seconds{1'800'000'000}};

class ChallengesTest : public testing::Test {
 protected:
  Challenges challenges_ = Challenges::Make().value();
  const Bytes challenge_ = challenges_.Give(kMachine, kNow).value();
};

TEST_F(ChallengesTest, AreFreshForTheirMachineUntilTheyExpire) {
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, kNow), ChallengeState::kFresh);
  const Time last = kNow + limits::kChallengeLife;
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, last), ChallengeState::kFresh);
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, last + std::chrono::seconds(1)),
            ChallengeState::kExpired);
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, kNow - std::chrono::seconds(1)),
            ChallengeState::kExpired);
}

TEST_F(ChallengesTest, AreForeignToOthers) {
  EXPECT_EQ(challenges_.Look("ffeeddccbbaa99887766554433221100", challenge_, kNow),
            ChallengeState::kForeign);
  EXPECT_EQ(Challenges::Make()->Look(kMachine, challenge_, kNow), ChallengeState::kForeign);
}

TEST_F(ChallengesTest, CannotBeChangedInAnyBit) {
  for (std::size_t bit = 0; bit < challenge_.size() * 8; ++bit) {
    Bytes changed = challenge_;
    changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_EQ(challenges_.Look(kMachine, changed, kNow), ChallengeState::kForeign) << bit;
  }
  EXPECT_EQ(challenges_.Look(kMachine, View(challenge_).first(31), kNow), ChallengeState::kForeign);
}

TEST_F(ChallengesTest, AreUsedOnce) {
  EXPECT_TRUE(challenges_.Use(challenge_, kNow));
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, kNow), ChallengeState::kUsed);
  EXPECT_FALSE(challenges_.Use(challenge_, kNow));
}

TEST_F(ChallengesTest, ThatWereUsedAreKeptUntilTheyWouldHaveExpired) {
  EXPECT_TRUE(challenges_.Use(challenge_, kNow));
  const Time last = kNow + limits::kChallengeLife;
  // Others come and go, and old ones are cleared away.
  for (Time now = kNow; now <= last; now += std::chrono::seconds(1)) {
    const Bytes other = challenges_.Give(kMachine, now).value();
    EXPECT_TRUE(challenges_.Use(other, now));
  }
  EXPECT_EQ(challenges_.Look(kMachine, challenge_, last), ChallengeState::kUsed);
}

TEST_F(ChallengesTest, AreNeverTheSame) {
  EXPECT_NE(challenges_.Give(kMachine, kNow).value(), challenge_);
}

}  // namespace
}  // namespace assay::monitor
