// The signals that end a daemon: SIGTERM and SIGINT. They are blocked, and so wait, while it works.
#pragma once

#include <signal.h>

#include <chrono>

namespace assay::agent {

// One in a process.
class EndSignals {
 public:
  EndSignals();

  // False: one came.
  bool Pause(std::chrono::milliseconds wait) const;

  // One that comes during `wait` ends this program at once, with exit code 0.
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

}  // namespace assay::agent
