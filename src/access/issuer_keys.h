// The keys of one token issuer, found by OpenID Connect discovery and kept, or read from a file.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_file.h"
#include "base/result.h"
#include "token/jwk.h"

namespace assay::access {

// GET of an https URL: the body of an answer 200, within the limits of HttpClient.
using FetchText = std::function<Result<std::string>(const std::string& url)>;
// Of a clock that never jumps.
using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

// Safe for concurrent use.
class IssuerKeys {
 public:
  virtual ~IssuerKeys() = default;
  // kMissing: the issuer has no such key. kIo: its keys cannot be had now.
  virtual Result<VerificationKey> Find(const std::string& kid) = 0;
};

// Never changes.
class PinnedKeys final : public IssuerKeys {
 public:
  explicit PinnedKeys(std::vector<VerificationKey> keys) : keys_(std::move(keys)) {}
  Result<VerificationKey> Find(const std::string& kid) override;

 private:
  const std::vector<VerificationKey> keys_;
};

// One request at a time goes to the issuer, whoever asks, and no more than one in
// limits::kJwksPace. A key is used for limits::kJwksFresh without asking; for limits::kJwksStale
// when the issuer does not answer; longer never. An unknown kid asks at once, within that pace.
class DiscoveredKeys final : public IssuerKeys {
 public:
  DiscoveredKeys(IssuerRule rule, FetchText fetch, SteadyClock clock)
      : rule_(std::move(rule)), fetch_(std::move(fetch)), clock_(std::move(clock)) {}
  Result<VerificationKey> Find(const std::string& kid) override;

 private:
  using Point = std::chrono::steady_clock::time_point;
  using Keys = std::shared_ptr<const std::vector<VerificationKey>>;

  Result<std::vector<VerificationKey>> Fetch() const;
  // Asks the issuer; `lock` is open meanwhile.
  void Refresh(std::unique_lock<std::mutex>& lock);
  bool MayAsk(Point now) const;

  const IssuerRule rule_;
  const FetchText fetch_;
  const SteadyClock clock_;

  std::mutex mutex_;  // guards all below; never held during a request
  std::condition_variable done_;
  Keys keys_;
  Point fetched_{};  // when keys_ came
  bool asked_ = false;
  Point last_asked_{};
  bool asking_ = false;
  std::size_t waiting_ = 0;
  std::string last_error_;
};

}  // namespace assay::access
