// When to attest again: the plan of the long-running agent. Pure: no clock, no network, no chance
// of its own.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace assay::agent {

enum class Step { kAttest, kEnrol };

// What a step came to.
struct Outcome {
  enum class Kind {
    kGood,            // a token; or enrolled
    kDenied,          // the service judged, and not in our favour
    kUnknownMachine,  // enrol
    kExpired,         // the nonce: ask for a new one
    kAway,            // the service does not answer, or this machine's TPM does not
  };
  Kind kind = Kind::kAway;
  std::optional<std::chrono::seconds> next_in;  // when the service expects us
  std::optional<std::chrono::seconds> retry_after;
};

struct Plan {
  Step step = Step::kAttest;
  std::chrono::milliseconds wait{0};
};

class Planner {
 public:
  // `chance` gives numbers in [0, 1): machines that start together shall not stay together.
  explicit Planner(std::function<double()> chance) : chance_(std::move(chance)) {}

  Plan After(Step step, const Outcome& outcome);

 private:
  Plan AfterVerdict(const Outcome& outcome);
  std::chrono::milliseconds Backoff(const Outcome& outcome);
  std::chrono::milliseconds Period() const;

  std::function<double()> chance_;
  std::chrono::seconds period_{60};  // until the service names one
  unsigned failures_ = 0;            // since the service last judged
  unsigned expired_ = 0;             // nonces since then
};

// Steps for ever, as planned; ends when `sleep` says that it was told to (false). `perform` never
// ends it: whatever the service says or does, there is a next step.
void Watch(Planner planner, const std::function<Outcome(Step)>& perform,
           const std::function<bool(std::chrono::milliseconds)>& sleep);

}  // namespace assay::agent
