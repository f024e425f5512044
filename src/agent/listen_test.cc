#include "agent/listen.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A service whose answers are given, on a clock that only its waits move.
class Hearing {
 public:
  struct Reply {
    seconds after;
    std::optional<bool> word;
  };
  explicit Hearing(std::vector<Reply> replies) : replies_(std::move(replies)) {}

  Ears ears() {
    return {[this](seconds span) {
              asked.push_back(span);
              const Reply reply = replies_.at(asked.size() - 1);
              clock += std::min(reply.after, span);
              return reply.word;
            },
            [this](milliseconds wait) {
              paused = wait;
              clock += wait;
              return !told_to_end;
            },
            [this] { return std::chrono::steady_clock::time_point(clock); }};
  }

  milliseconds clock{0};
  std::vector<seconds> asked;
  std::optional<milliseconds> paused;
  bool told_to_end = false;

 private:
  std::vector<Reply> replies_;
};

TEST(Listen, ReturnsAsSoonAsTheServiceAsks) {
  Hearing hearing({{limits::kAgentWait, false}, {seconds(3), true}});
  EXPECT_TRUE(Listen(seconds(60), hearing.ears()));
  EXPECT_EQ(hearing.clock, limits::kAgentWait + seconds(3));
  EXPECT_FALSE(hearing.paused);
}

TEST(Listen, WaitsNoLongerThanPlanned) {
  Hearing hearing({{limits::kAgentWait, false}, {limits::kAgentWait, false}});
  EXPECT_TRUE(Listen(limits::kAgentWait + milliseconds(5500), hearing.ears()));
  EXPECT_EQ(hearing.asked, (std::vector<seconds>{limits::kAgentWait, seconds(5)}));
  EXPECT_EQ(hearing.clock, limits::kAgentWait + milliseconds(5500));
}

TEST(Listen, DoesNotAskAgainWhoLetsNobodyWait) {
  Hearing hearing({{seconds(0), false}});
  EXPECT_TRUE(Listen(seconds(60), hearing.ears()));
  EXPECT_EQ(hearing.asked.size(), 1U);
  EXPECT_EQ(hearing.clock, seconds(60));
}

TEST(Listen, DoesNotAskAgainWhoDoesNotAnswer) {
  Hearing hearing({{limits::kAgentWait, std::nullopt}});
  EXPECT_TRUE(Listen(seconds(60), hearing.ears()));
  EXPECT_EQ(hearing.asked.size(), 1U);
  EXPECT_EQ(hearing.clock, seconds(60));
}

TEST(Listen, MakesNoConnectionForAMoment) {
  Hearing hearing({});
  EXPECT_TRUE(Listen(milliseconds(1900), hearing.ears()));
  EXPECT_EQ(hearing.paused, milliseconds(1900));
}

TEST(Listen, EndsWhenToldTo) {
  Hearing hearing({{seconds(0), false}});
  hearing.told_to_end = true;
  EXPECT_FALSE(Listen(seconds(60), hearing.ears()));
}

}  // namespace
}  // namespace assay::agent
