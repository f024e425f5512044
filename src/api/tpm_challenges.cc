#include "api/tpm_challenges.h"

#include "base/encoding.h"

namespace assay {

using monitor::Challenges;
using monitor::ChallengeState;

std::unique_ptr<TpmChallenges> TpmChallenges::Make(std::string provider) {
  Result<Challenges> challenges = Challenges::Make();
  if (!challenges) return nullptr;
  return std::unique_ptr<TpmChallenges>(
      new TpmChallenges(std::move(*challenges), std::move(provider)));
}

std::string TpmChallenges::ContextSubject(View challenge) const {
  return provider_ + "/context/" + HexEncode(challenge);
}

Result<TpmChallenge> TpmChallenges::Give(Time now) const {
  TpmChallenge out;
  out.challenge = TRY(challenges_.Give(provider_, now));
  out.service_context = TRY(challenges_.Give(ContextSubject(out.challenge), now));
  return out;
}

ChallengeState TpmChallenges::Use(View challenge, View service_context, Time now) {
  const ChallengeState state = challenges_.Look(provider_, challenge, now);
  if (state != ChallengeState::kFresh) return state;
  const ChallengeState context = challenges_.Look(ContextSubject(challenge), service_context, now);
  if (context != ChallengeState::kFresh) return context;
  return challenges_.Use(challenge, now) ? ChallengeState::kFresh : ChallengeState::kUsed;
}

}  // namespace assay
