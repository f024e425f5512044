#include "agent/watch.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = Outcome::Kind;

Planner PlannerAt(double chance) {
  return Planner([chance] { return chance; });
}

TEST(Watch, AttestsShortlyBeforeTheServiceExpectsIt) {
  for (const double chance : {0.0, 0.5, 0.999}) {
    Planner planner = PlannerAt(chance);
    const Plan plan = planner.After(Step::kAttest, {Kind::kGood, seconds(100), {}});
    EXPECT_EQ(plan.step, Step::kAttest);
    EXPECT_GE(plan.wait, seconds(85));
    EXPECT_LT(plan.wait, seconds(95));
  }
  EXPECT_NE(PlannerAt(0).After(Step::kAttest, {Kind::kGood, seconds(100), {}}).wait,
            PlannerAt(0.9).After(Step::kAttest, {Kind::kGood, seconds(100), {}}).wait);
}

TEST(Watch, KeepsThePeriodThatTheServiceNamedLast) {
  Planner planner = PlannerAt(0.5);
  planner.After(Step::kAttest, {Kind::kGood, seconds(10), {}});
  EXPECT_EQ(planner.After(Step::kAttest, {Kind::kDenied, {}, {}}).wait, milliseconds(9000));
}

TEST(Watch, ADenialIsAnAnswerAndNotAnOutage) {
  Planner planner = PlannerAt(0.5);
  for (int i = 0; i < 20; ++i) {
    const Plan plan = planner.After(Step::kAttest, {Kind::kDenied, seconds(5), {}});
    EXPECT_EQ(plan.step, Step::kAttest);
    EXPECT_EQ(plan.wait, milliseconds(4500));
  }
}

TEST(Watch, BacksOffTwiceAsLongEachTimeUpToABound) {
  Planner planner = PlannerAt(0.999);
  milliseconds last{0};
  for (int i = 0; i < 6; ++i) {
    const milliseconds wait = planner.After(Step::kAttest, {}).wait;
    EXPECT_GT(wait, last);
    last = wait;
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(planner.After(Step::kAttest, {}).wait, limits::kAgentLongestBackoff);
  }
  EXPECT_GT(planner.After(Step::kAttest, {}).wait, limits::kAgentLongestBackoff / 2);
}

TEST(Watch, TheFirstTryAfterAnOutageIsSoonAgainOnceTheServiceAnswered) {
  Planner planner = PlannerAt(0.5);
  const milliseconds first = planner.After(Step::kAttest, {}).wait;
  for (int i = 0; i < 10; ++i) planner.After(Step::kAttest, {});
  planner.After(Step::kAttest, {Kind::kGood, seconds(10), {}});
  EXPECT_EQ(planner.After(Step::kAttest, {}).wait, first);
}

TEST(Watch, WaitsAsLongAsTheServiceAsksAndNotForEver) {
  Planner planner = PlannerAt(0.5);
  EXPECT_EQ(planner.After(Step::kAttest, {Kind::kAway, {}, seconds(300)}).wait, seconds(300));
  EXPECT_EQ(planner.After(Step::kAttest, {Kind::kAway, {}, seconds(1'000'000)}).wait,
            limits::kAgentLongestPause);
  EXPECT_EQ(PlannerAt(0).After(Step::kAttest, {Kind::kGood, seconds(1'000'000'000), {}}).wait,
            limits::kAgentLongestPause * 85 / 100);
}

TEST(Watch, APeriodOfZeroIsASecond) {
  EXPECT_GE(PlannerAt(0).After(Step::kAttest, {Kind::kGood, seconds(0), {}}).wait,
            milliseconds(850));
}

TEST(Watch, EnrolsAtOnceWhenUnknownAndAttestsBehindIt) {
  Planner planner = PlannerAt(0.5);
  const Plan enrol = planner.After(Step::kAttest, {Kind::kUnknownMachine, {}, {}});
  EXPECT_EQ(enrol.step, Step::kEnrol);
  EXPECT_EQ(enrol.wait, milliseconds(0));
  const Plan attest = planner.After(Step::kEnrol, {Kind::kGood, {}, {}});
  EXPECT_EQ(attest.step, Step::kAttest);
  EXPECT_EQ(attest.wait, milliseconds(0));
}

TEST(Watch, AServiceThatForgetsAtOnceIsNotHammered) {
  Planner planner = PlannerAt(0);
  milliseconds waited{0};
  Step step = Step::kAttest;
  for (int i = 0; i < 40; ++i) {
    const Outcome outcome{step == Step::kEnrol ? Kind::kGood : Kind::kUnknownMachine, {}, {}};
    const Plan plan = planner.After(step, outcome);
    step = plan.step;
    waited += plan.wait;
  }
  EXPECT_GT(waited, seconds(300));
}

TEST(Watch, ARefusedEnrolmentIsTriedAgainLaterAndLater) {
  Planner planner = PlannerAt(0);
  std::vector<milliseconds> waits;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(planner.After(Step::kAttest, {Kind::kUnknownMachine, {}, {}}).step, Step::kEnrol);
    const Plan plan = planner.After(Step::kEnrol, {Kind::kDenied, {}, {}});
    EXPECT_EQ(plan.step, Step::kAttest);
    waits.push_back(plan.wait);
  }
  EXPECT_GT(waits.front(), milliseconds(0));
  EXPECT_GT(waits.back(), seconds(20));
}

TEST(Watch, AnExpiredNonceIsReplacedAtOnceButNotForEver) {
  Planner planner = PlannerAt(0);
  for (unsigned i = 0; i < limits::kAgentNonceTries; ++i) {
    EXPECT_EQ(planner.After(Step::kAttest, {Kind::kExpired, {}, {}}).wait, milliseconds(0));
  }
  EXPECT_GT(planner.After(Step::kAttest, {Kind::kExpired, {}, {}}).wait, milliseconds(0));
  planner.After(Step::kAttest, {Kind::kGood, {}, {}});
  EXPECT_EQ(planner.After(Step::kAttest, {Kind::kExpired, {}, {}}).wait, milliseconds(0));
}

TEST(Watch, SurvivesAnOutageAndEndsOnlyWhenItIsTold) {
  // Away for 100 s of made-up time, then there; stopped after an hour.
  milliseconds now{0};
  int attested = 0, failed = 0;
  Watch(
      PlannerAt(0.5),
      [&](Step) {
        if (now < seconds(100)) return ++failed, Outcome{};
        return ++attested, Outcome{Kind::kGood, seconds(60), {}};
      },
      [&](milliseconds wait) {
        now += wait;
        return now < std::chrono::hours(1);
      });
  EXPECT_GE(failed, 5);
  EXPECT_LE(failed, 15);
  EXPECT_GE(attested, 60);
  EXPECT_LE(attested, 70);
}

}  // namespace
}  // namespace assay::agent
