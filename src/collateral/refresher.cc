#include "collateral/refresher.h"

#include <algorithm>
#include <random>

namespace assay {

using std::chrono::milliseconds;

Refresher::Refresher(RefresherOptions options, StoreSource& source)
    : options_(std::move(options)), source_(source), thread_([this] { Run(); }) {}

void Refresher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Refresher::Sleep(milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_.load(); });
  return !stopping_;
}

// The jitter keeps a fleet of services from asking all at the same time; it needs no secrecy.
void Refresher::Run() {
  std::minstd_rand random(std::random_device{}());
  std::uniform_real_distribution<double> quarter(0.75, 1.25);
  std::uniform_real_distribution<double> part(0.0, 1.0);
  const auto scaled = [](std::chrono::seconds time, double by) {
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * 1000 * by));
  };
  std::chrono::seconds interval = options_.interval;
  while (Sleep(scaled(interval, quarter(random)))) {
    const auto ahead =
        std::chrono::duration_cast<std::chrono::seconds>(scaled(options_.ahead, part(random)));
    const std::size_t failed = source_.Refresh(options_.evidence_clock(), options_.in_use, ahead,
                                               [this] { return stopping(); });
    interval = failed == 0 ? options_.interval : std::min(interval * 2, options_.longest_interval);
    if (options_.after) options_.after(failed);
  }
}

}  // namespace assay
