#include "collateral/host_pace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay {
namespace {

// Failures one after the other that are taken for bad luck.
constexpr std::size_t kPatience = 3;
constexpr std::chrono::seconds kFirstRest{15};
constexpr std::chrono::seconds kLongestRest{600};

}  // namespace

std::string_view FetchOutcomeName(FetchOutcome outcome) {
  switch (outcome) {
    case FetchOutcome::kNew: return "new";
    case FetchOutcome::kNotModified: return "not_modified";
    case FetchOutcome::kNotFound: return "not_found";
    case FetchOutcome::kThrottled: return "throttled";
    case FetchOutcome::kRefused: return "refused";
    case FetchOutcome::kUnreachable: return "unreachable";
    case FetchOutcome::kHeldBack: return "held_back";
  }
  return "unknown";
}

std::string HostAndPort(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(start, url.find_first_of("/?#", start) - start);
}

std::optional<std::string> HostPace::HoldBack(const std::string& host, Time clock) {
  const std::lock_guard lock(mutex_);
  Host& state = hosts_[host];
  std::optional<std::string> why;
  if (clock < state.not_before) {
    why = fmt::format("{} is not asked before {}", host, FormatTime(state.not_before));
  } else {
    if (clock < state.minute || clock - state.minute >= std::chrono::minutes(1)) {
      state.minute = clock;
      state.in_minute = 0;
    }
    if (state.in_minute >= limits::kHostRequestsPerMinute) {
      why = fmt::format("{} was asked {} times within a minute, which is the limit", host,
                        state.in_minute);
    }
  }
  if (why) {
    ++counts_[{host, FetchOutcome::kHeldBack}];
  } else {
    ++state.in_minute;
  }
  return why;
}

void HostPace::Record(const std::string& host, FetchOutcome outcome, Time clock) {
  const std::lock_guard lock(mutex_);
  ++counts_[{host, outcome}];
  Host& state = hosts_[host];
  const bool failed = outcome == FetchOutcome::kUnreachable || outcome == FetchOutcome::kThrottled;
  state.failures = failed ? state.failures + 1 : 0;
  if (state.failures < kPatience) return;
  const std::size_t doublings = std::min<std::size_t>(state.failures - kPatience, 10);
  state.not_before =
      std::max(state.not_before, clock + std::min(kLongestRest, kFirstRest * (1U << doublings)));
}

void HostPace::WaitUntil(const std::string& host, Time time) {
  const std::lock_guard lock(mutex_);
  Host& state = hosts_[host];
  state.not_before = std::max(state.not_before, time);
}

HostPace::Counts HostPace::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace assay
