#include "agent/watch_daemon.h"

#include <chrono>
#include <optional>
#include <string>

#include "agent/listen.h"
#include "agent/run_parts.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;

// How the daemon hears of the service between two attestations.
class Attention {
 public:
  explicit Attention(const Options& options) : options_(options) {}

  Outcome Perform(Step step) {
    const bool enrol = step == Step::kEnrol;
    const Result<Said> said =
        enrol ? WithMachine(options_, Enrol) : WithMachine(options_, AttestPlainly);
    Tell(enrol ? "enrol" : "attest", said);
    const Outcome out = OutcomeOf(said);
    judged_ = out.kind == Outcome::Kind::kGood || out.kind == Outcome::Kind::kDenied;
    return out;
  }

  bool Sleep(milliseconds wait, const EndSignals& ends) {
    // Without a service there is none to hear.
    if (!judged_) return ends.Pause(wait);
    return Listen(wait, {[&](std::chrono::seconds span) { return Ask(span, ends); },
                         [&](milliseconds time) { return ends.Pause(time); },
                         std::chrono::steady_clock::now});
  }

 private:
  std::optional<bool> Ask(std::chrono::seconds span, const EndSignals& ends) {
    const auto service = ServiceOf(options_);
    if (machine_.empty()) machine_ = MachineId().value_or("");
    if (!service || machine_.empty()) return std::nullopt;
    return ends.During([&] { return AskForWord(*service, machine_, span); });
  }

  Result<std::string> MachineId() {
    return WithMachine(options_,
                       [](const Machine& machine, const Service&) { return MachineIdOf(machine); });
  }

  const Options& options_;
  std::string machine_;  // its id, once it is known
  bool judged_ = false;  // at the last step
};

}  // namespace

Result<int> RunWatch(const Options& options) {
  // Mistakes in the options end it; nothing else does.
  TRY(ServiceOf(options));
  TRY(KeysOf(options));
  Attention attention(options);
  return Repeat([&attention](Step step) { return attention.Perform(step); },
                [&attention](milliseconds wait, const EndSignals& ends) {
                  return attention.Sleep(wait, ends);
                });
}

}  // namespace assay::agent
