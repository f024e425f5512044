#include "api/request_pace.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using std::chrono::seconds;

constexpr RequestPace::Clock::time_point kStart{seconds{1000}};

TEST(RequestPace, AnswersSoManyInAMinuteAndSaysHowLongToWait) {
  RequestPace pace(2);
  EXPECT_EQ(pace.Ask(kStart), std::nullopt);
  EXPECT_EQ(pace.Ask(kStart + seconds{10}), std::nullopt);
  EXPECT_EQ(pace.Ask(kStart + seconds{15}), seconds{45});
  EXPECT_EQ(pace.Ask(kStart + seconds{59}), seconds{1});
  EXPECT_EQ(pace.Ask(kStart + seconds{60}), std::nullopt);
  EXPECT_EQ(pace.Ask(kStart + seconds{61}), std::nullopt);
  EXPECT_EQ(pace.Ask(kStart + seconds{62}), seconds{58});
}

TEST(RequestPace, ZeroIsNoLimit) {
  RequestPace pace(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(pace.Ask(kStart), std::nullopt);
}

}  // namespace
}  // namespace assay
