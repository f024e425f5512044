// How many requests of one minute are answered.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

namespace assay {

// Safe for concurrent use. Minutes are counted from the first request of each.
class RequestPace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RequestPace(int per_minute) : per_minute_(per_minute) {}  // 0: no limit

  // Nothing: go on. Otherwise how long to wait for the next minute, at least a second.
  std::optional<std::chrono::seconds> Ask(Clock::time_point now);

 private:
  const int per_minute_;
  std::mutex mutex_;
  Clock::time_point begin_{};  // guarded by mutex_, as is count_
  int count_ = 0;
};

}  // namespace assay
