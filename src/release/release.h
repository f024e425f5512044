// Secure key release: may this key go to that environment, now?
//
//   const Decision decision = TRY(DecideRelease(request, standing, judges, now));
//   if (const auto* denial = std::get_if<Denial>(&decision)) return Refuse(*denial);
//   return AnswerRelease(std::get<Grant>(decision), wrapped, key, signer);   // release/answer.h
//
// No store, no network, no clock: what the library cannot know it asks of `Judges`. Every check has
// to pass, and each refuses with a reason of its own.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "release/authority_keys.h"
#include "release/policy.h"
#include "release/reason.h"
#include "release/runtime_key.h"
#include "release/token_check.h"
#include "release/wrap.h"

namespace assay::release {

struct ReleaseRequest {
  std::string kid;  // the key as the caller addressed it
  // One token; for an agreement several, with commas between them, which no token contains. All of
  // them have to be valid, and to hold the same key to wrap to.
  std::string_view target;
  KeyEncryption encryption = KeyEncryption::kSha1;
  std::string nonce;  // may be empty
  std::string api_version;
};

// What is known of the key that is asked for. Its dates do not matter: as in Azure ("date-time
// controlled operations"), a key that expired is released for what it once protected.
struct KeyStanding {
  std::string kid;  // with its version
  bool enabled = false;
  bool exportable = false;
  const ReleasePolicy* policy = nullptr;  // null: it has none, and is never released
};

enum class MachineStanding {
  kNotWatched,  // the token is of no machine that the monitor knows
  kTrusted,
  kDrifted,
  kRevoked,
  kUnproven,  // silent for too long, or its new approval awaits evidence
};

// What is known outside of this library. Safe for concurrent use; an error means that the release
// is not judged, and nothing leaves.
class Witness {
 public:
  virtual ~Witness() = default;
  // Of the machine that these claims, already verified, are about.
  virtual Result<MachineStanding> StandingOf(const std::string& issuer,
                                             const json::Value& claims) = 0;
  // Spends the nonce of a request for this key; false when it was spent before. It has to be
  // remembered until `until`: from then on the tokens of the same request are refused. Asked last,
  // of releases that are otherwise granted.
  virtual Result<bool> SpendNonce(const std::string& kid, const std::string& nonce, Time until) = 0;
};

struct Judges {
  AuthorityKeys& keys;
  Witness& witness;
  const TokenRules& rules;
};

// The one thing that opens AnswerRelease. Only DecideRelease makes it.
class Grant {
 public:
  const ReleaseRequest& request() const { return request_; }  // its target is gone
  const std::string& kid() const { return kid_; }             // of the key, with its version
  const RuntimeKey& runtime_key() const { return runtime_key_; }
  const std::vector<std::string>& authorities() const { return authorities_; }
  std::size_t branch() const { return branch_; }  // of the policy's anyOf

 private:
  friend class ReleaseDecider;
  Grant(ReleaseRequest request, std::string kid, RuntimeKey key)
      : request_(std::move(request)), kid_(std::move(kid)), runtime_key_(std::move(key)) {
    request_.target = {};
  }

  ReleaseRequest request_;
  std::string kid_;
  RuntimeKey runtime_key_;
  std::vector<std::string> authorities_;
  std::size_t branch_ = 0;
};

using Decision = std::variant<Grant, Denial>;

Result<Decision> DecideRelease(const ReleaseRequest& request, const KeyStanding& key,
                               const Judges& judges, Time now);

}  // namespace assay::release
