// Challenges of the TPM protocol: fresh, of one provider, for one use, with a context of the
// service that comes back with the answer.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "monitor/challenge.h"

namespace assay {

struct TpmChallenge {
  Bytes challenge, service_context;
};

// Safe for concurrent use.
class TpmChallenges {
 public:
  // Null when the system has no randomness to give.
  static std::unique_ptr<TpmChallenges> Make(std::string provider);

  Result<TpmChallenge> Give(Time now) const;
  // kFresh at most once for each challenge.
  monitor::ChallengeState Use(View challenge, View service_context, Time now);

 private:
  TpmChallenges(monitor::Challenges challenges, std::string provider)
      : challenges_(std::move(challenges)), provider_(std::move(provider)) {}
  // The context of one challenge is of no use for another.
  std::string ContextSubject(View challenge) const;

  monitor::Challenges challenges_;
  const std::string provider_;
};

}  // namespace assay
