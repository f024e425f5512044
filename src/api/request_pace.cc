#include "api/request_pace.h"

namespace assay {

std::optional<std::chrono::seconds> RequestPace::Ask(Clock::time_point now) {
  constexpr std::chrono::minutes kMinute{1};
  if (per_minute_ == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (count_ == 0 || now - begin_ >= kMinute) {
    begin_ = now;
    count_ = 0;
  }
  if (count_ == per_minute_) {
    return std::chrono::ceil<std::chrono::seconds>(kMinute - (now - begin_));
  }
  ++count_;
  return std::nullopt;
}

}  // namespace assay
