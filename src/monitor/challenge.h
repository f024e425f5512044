// Challenges for machines to quote: fresh, for one machine, for one use, for a short time.
//
// A challenge carries its own proof: when it was given, for whom, under a key of this process. So
// nothing is kept for those who only ask, and strangers cannot push out the challenges of others.
// What a machine used is kept until it would have expired: twice that long at most.
#pragma once

#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/secret.h"

namespace assay::monitor {

enum class ChallengeState { kFresh, kExpired, kForeign, kUsed };

// Safe for concurrent use.
class Challenges {
 public:
  static Result<Challenges> Make();
  Challenges(Challenges&& other) noexcept : key_(std::move(other.key_)) {}

  // 32 bytes: seconds since 1970 (8), random (8), HMAC-SHA256 cut to 16.
  Result<Bytes> Give(std::string_view machine, Time now) const;
  // kForeign: not given by this process to that machine.
  ChallengeState Look(std::string_view machine, View challenge, Time now) const;
  // False if it was used before. Only for what was fresh, and was answered by the machine itself.
  bool Use(View challenge, Time now);

 private:
  explicit Challenges(SecretBytes key) : key_(std::move(key)) {}
  Bytes Proof(std::string_view machine, View head) const;

  SecretBytes key_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Time> used_;  // until when; guarded by mutex_
  Time swept_{};                                // guarded by mutex_
};

}  // namespace assay::monitor
