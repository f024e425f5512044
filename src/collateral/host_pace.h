// How often a host may be asked, and what came of it.
//
// A host that asked to wait is not asked before; one that fails again and again is left alone for a
// while that doubles; and no host gets more than limits::kHostRequestsPerMinute requests, whoever
// causes them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"

namespace assay {

enum class FetchOutcome {
  kNew,          // 200
  kNotModified,  // 304
  kNotFound,     // 404
  kThrottled,    // 429
  kRefused,      // another status
  kUnreachable,  // no complete answer
  kHeldBack,     // not asked, by the rules above
};

std::string_view FetchOutcomeName(FetchOutcome outcome);

// Safe for concurrent use.
class HostPace {
 public:
  // Why the host is not to be asked now; nothing when it may be, and then this counts as a request.
  std::optional<std::string> HoldBack(const std::string& host, Time clock);
  void Record(const std::string& host, FetchOutcome outcome, Time clock);
  void WaitUntil(const std::string& host, Time time);

  using Counts = std::map<std::pair<std::string, FetchOutcome>, std::uint64_t>;
  Counts counts() const;

 private:
  struct Host {
    Time minute{};              // when the present minute began
    std::size_t in_minute = 0;  // requests in it
    std::size_t failures = 0;   // one after the other
    Time not_before{};
  };

  mutable std::mutex mutex_;
  std::map<std::string, Host> hosts_;  // guarded by mutex_; as many as are configured
  Counts counts_;                      // guarded by mutex_
};

// "https://kdsintf.amd.com/vcek/v1" → "kdsintf.amd.com", with the port if there is one.
std::string HostAndPort(const std::string& url);

}  // namespace assay
