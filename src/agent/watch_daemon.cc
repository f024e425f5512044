#include "agent/watch_daemon.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string_view>

#include "agent/listen.h"
#include "agent/setup.h"
#include "agent/watch.h"
#include "base/limits.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;

std::optional<std::chrono::seconds> NextIn(const json::Value& body) {
  const json::Value* const next = body.Find("next_in");
  if (next == nullptr || next->AsInt() == nullptr || *next->AsInt() < 0) return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(*next->AsInt()),
                                        limits::kAgentLongestPause);
}

Outcome OutcomeOf(const Result<Said>& said) {
  using Kind = Outcome::Kind;
  if (!said) return {};
  Outcome out{Kind::kAway, NextIn(said->body), said->retry_after};
  switch (said->answer) {
    case Answer::kYes: out.kind = Kind::kGood; break;
    case Answer::kUnknownMachine: out.kind = Kind::kUnknownMachine; break;
    case Answer::kExpired: out.kind = Kind::kExpired; break;
    case Answer::kDenied: out.kind = Kind::kDenied; break;
    case Answer::kAway: break;
  }
  return out;
}

// One line for the journal. A token is never among it.
void Tell(Step step, const Result<Said>& said) {
  const std::string_view what = step == Step::kEnrol ? "enrol" : "attest";
  if (!said) {
    fmt::print(stderr, "{}: {}; {}\n", what, said.error().message, said.error().hint);
  } else if (said->yes()) {
    const json::Value* const state = said->body.Find("state");
    fmt::print("{}: {}\n", what,
               state != nullptr && state->AsString() != nullptr ? *state->AsString() : "ok");
  } else {
    fmt::print(stderr, "{}: {}\n", what, said->Text());
  }
  std::fflush(stdout);
}

// Told to end while it waits for the service: there is nothing to finish then.
extern "C" void EndNow(int) { _exit(kExitTrusted); }

// The signals that end the daemon. They are blocked, and so wait, while it works.
class Ends {
 public:
  Ends() {
    sigemptyset(&signals_);
    for (const int one : {SIGTERM, SIGINT}) {
      sigaddset(&signals_, one);
      ::signal(one, EndNow);
    }
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
  }

  // False: one came.
  bool Pause(milliseconds wait) const {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
    const timespec time{whole.count(), std::chrono::nanoseconds(wait - whole).count()};
    return sigtimedwait(&signals_, nullptr, &time) < 0;
  }

  // One that comes during `wait` ends this program at once.
  template <typename Wait>
  auto During(const Wait& wait) const {
    sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
    auto out = wait();
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
    return out;
  }

 private:
  sigset_t signals_;
};

// How the daemon hears of the service between two attestations.
class Attention {
 public:
  explicit Attention(const Options& options) : options_(options) {}

  Outcome Perform(Step step) {
    const Result<Said> said = WithMachine(options_, step == Step::kEnrol ? Enrol : Attest);
    Tell(step, said);
    const Outcome out = OutcomeOf(said);
    judged_ = out.kind == Outcome::Kind::kGood || out.kind == Outcome::Kind::kDenied;
    return out;
  }

  bool Sleep(milliseconds wait) {
    const auto pause = [this](milliseconds time) { return ends_.Pause(time); };
    // Without a service there is none to hear.
    if (!judged_) return pause(wait);
    return Listen(wait, {[this](std::chrono::seconds span) { return Ask(span); }, pause,
                         std::chrono::steady_clock::now});
  }

 private:
  std::optional<bool> Ask(std::chrono::seconds span) {
    const auto service = ServiceOf(options_);
    if (machine_.empty()) machine_ = MachineId().value_or("");
    if (!service || machine_.empty()) return std::nullopt;
    return ends_.During([&] { return AskForWord(*service, machine_, span); });
  }

  Result<std::string> MachineId() {
    Tpm tpm = TRY(Tpm::Open(options_.tcti));
    const KeyOptions keys = TRY(KeysOf(options_));
    return MachineIdOf({tpm, keys, {}, {}, options_.kind == "azure"});
  }

  const Options& options_;
  const Ends ends_;
  std::string machine_;  // its id, once it is known
  bool judged_ = false;  // at the last step
};

}  // namespace

Result<int> RunWatch(const Options& options) {
  // Mistakes in the options end it; nothing else does.
  TRY(ServiceOf(options));
  TRY(KeysOf(options));
  std::random_device seed;
  std::uniform_real_distribution<double> between(0.0, 1.0);
  Attention attention(options);
  Watch(
      Planner([&] { return between(seed); }),
      [&attention](Step step) { return attention.Perform(step); },
      [&attention](milliseconds wait) { return attention.Sleep(wait); });
  return kExitTrusted;
}

}  // namespace assay::agent
