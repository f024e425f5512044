// Whether a policy admits evidence. Asked only about claims that were verified: the type says so.
#pragma once

#include "appraise/verified.h"
#include "policy/policy.h"
#include "token/maa_claims.h"

namespace assay {

// `context` gives what was bound to the evidence or sent beside it. A policy whose demands on the
// verification were not met denies, whatever its rules say.
policy::Evaluation Admit(const policy::Policy& policy, const VerifiedClaims& verified,
                         const TokenContext& context);

}  // namespace assay
