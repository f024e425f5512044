#include "access/issuer_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"
#include "base/work_pool.h"

namespace assay::access {
namespace {

tl::unexpected<Error> NoSuchKey(const std::string& kid) {
  std::string shown;
  for (const char c : kid.substr(0, 64)) shown.push_back(c >= ' ' && c <= '~' ? c : '?');
  return Fail(ErrorCode::kMissing, "the token's issuer has no key \"" + shown + "\"");
}

const VerificationKey* FindIn(const std::vector<VerificationKey>& keys, const std::string& kid) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&kid](const VerificationKey& key) { return key.kid == kid; });
  return found != keys.end() ? &*found : nullptr;
}

}  // namespace

Result<VerificationKey> PinnedKeys::Find(const std::string& kid) {
  const VerificationKey* key = FindIn(keys_, kid);
  if (key == nullptr) return NoSuchKey(kid);
  return *key;
}

// OpenID Connect Discovery 1.0 §4.3: `issuer` has to be the one asked for.
Result<std::vector<VerificationKey>> DiscoveredKeys::Fetch() const {
  const json::Value document = TRY(json::Parse(TRY(fetch_(rule_.discovery))));
  const std::string issuer = TRY(document.String("issuer", "discovery"));
  if (issuer != rule_.issuer) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected the issuer {}, found another",
                                                   rule_.discovery, rule_.issuer));
  }
  const std::string url = TRY(document.String("jwks_uri", "discovery"));
  if (!url.starts_with("https://")) {
    return Fail(ErrorCode::kMalformed, rule_.discovery + ": expected an https jwks_uri");
  }
  return ParseJwks(TRY(fetch_(url)));
}

bool DiscoveredKeys::MayAsk(Point now) const {
  return !asking_ && (!asked_ || now - last_asked_ >= limits::kJwksPace);
}

void DiscoveredKeys::Refresh(std::unique_lock<std::mutex>& lock) {
  asking_ = true;
  asked_ = true;
  last_asked_ = clock_();
  lock.unlock();
  Result<std::vector<VerificationKey>> fresh = Fetch();
  lock.lock();
  asking_ = false;
  if (fresh) {
    keys_ = std::make_shared<const std::vector<VerificationKey>>(std::move(*fresh));
    fetched_ = clock_();
    last_error_.clear();
  } else {
    last_error_ = fresh.error().message;
  }
  done_.notify_all();
}

Result<VerificationKey> DiscoveredKeys::Find(const std::string& kid) {
  std::unique_lock lock(mutex_);
  const auto known = [this, &kid](std::chrono::seconds age) -> const VerificationKey* {
    return keys_ && clock_() - fetched_ < age ? FindIn(*keys_, kid) : nullptr;
  };
  if (const VerificationKey* key = known(limits::kJwksFresh)) return *key;
  if (MayAsk(clock_())) {
    Refresh(lock);
  } else if (asking_ && known(limits::kJwksStale) == nullptr) {
    // Few wait, so that callers with made-up kids cannot hold every worker while an issuer is slow.
    if (waiting_ >= limits::kWaitingForIssuer) {
      return Fail(ErrorCode::kIo, "the keys of the token's issuer are being fetched");
    }
    ++waiting_;
    const WaitsOutside waits;
    done_.wait(lock, [this] { return !asking_; });
    --waiting_;
  }
  if (const VerificationKey* key = known(limits::kJwksStale)) return *key;
  if (keys_ && last_error_.empty() && clock_() - fetched_ < limits::kJwksStale) {
    return NoSuchKey(kid);
  }
  return Fail(ErrorCode::kIo, "the keys of the token's issuer cannot be had: " +
                                  (last_error_.empty() ? "asked a moment ago" : last_error_));
}

}  // namespace assay::access
