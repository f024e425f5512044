#include "agent/end_signals.h"

#include <unistd.h>

namespace assay::agent {
namespace {

extern "C" void EndNow(int) { _exit(0); }

}  // namespace

EndSignals::EndSignals() {
  sigemptyset(&signals_);
  for (const int one : {SIGTERM, SIGINT}) {
    sigaddset(&signals_, one);
    ::signal(one, EndNow);
  }
  sigprocmask(SIG_BLOCK, &signals_, nullptr);
}

bool EndSignals::Pause(std::chrono::milliseconds wait) const {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec time{whole.count(), std::chrono::nanoseconds(wait - whole).count()};
  return sigtimedwait(&signals_, nullptr, &time) < 0;
}

}  // namespace assay::agent
