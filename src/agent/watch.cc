#include "agent/watch.h"

#include <algorithm>

#include "base/limits.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds Scaled(milliseconds time, double factor) {
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
}

}  // namespace

// Before the service misses us: 85 to 95 % of the time it gave.
milliseconds Planner::Period() const { return Scaled(period_, 0.85 + 0.1 * chance_()); }

// Doubled at each failure up to the longest, and half of it by chance.
milliseconds Planner::Backoff(const Outcome& outcome) {
  milliseconds wait = limits::kAgentFirstBackoff;
  for (unsigned i = 0; i < failures_ && wait < limits::kAgentLongestBackoff; ++i) wait *= 2;
  wait = std::min<milliseconds>(wait, limits::kAgentLongestBackoff);
  failures_ = std::min(failures_ + 1, 64U);
  wait = Scaled(wait, 0.5 + 0.5 * chance_());
  if (!outcome.retry_after) return wait;
  return std::max<milliseconds>(wait, std::min(*outcome.retry_after, limits::kAgentLongestPause));
}

Plan Planner::AfterVerdict(const Outcome& outcome) {
  failures_ = 0;
  expired_ = 0;
  if (outcome.next_in) {
    period_ = std::clamp(*outcome.next_in, seconds(1), limits::kAgentLongestPause);
  }
  return {Step::kAttest, Period()};
}

Plan Planner::After(Step step, const Outcome& outcome) {
  using Kind = Outcome::Kind;
  if (step == Step::kEnrol) {
    // A refused enrolment may be mended by an administrator: attesting tells, and leads back here.
    const bool enrolled = outcome.kind == Kind::kGood;
    return {Step::kAttest, enrolled ? milliseconds(0) : Backoff(outcome)};
  }
  switch (outcome.kind) {
    case Kind::kGood:
    case Kind::kDenied: return AfterVerdict(outcome);
    case Kind::kUnknownMachine: {
      // At once, unless enrolling has just been tried: a service that forgets is not hammered.
      const bool first = failures_ == 0;
      const milliseconds wait = Backoff(outcome);
      return {Step::kEnrol, first ? milliseconds(0) : wait};
    }
    case Kind::kExpired:
      if (++expired_ <= limits::kAgentNonceTries) return {Step::kAttest, milliseconds(0)};
      return {Step::kAttest, Backoff(outcome)};
    case Kind::kAway: break;
  }
  return {Step::kAttest, Backoff(outcome)};
}

void Watch(Planner planner, const std::function<Outcome(Step)>& perform,
           const std::function<bool(milliseconds)>& sleep) {
  Plan plan;
  do {
    plan = planner.After(plan.step, perform(plan.step));
  } while (sleep(plan.wait));
}

}  // namespace assay::agent
