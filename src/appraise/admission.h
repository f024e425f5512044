// Whether a policy admits evidence. Asked only about claims that were verified: the type says so.
#pragma once

#include "appraise/verified.h"
#include "policy/claim_table.h"
#include "policy/policy.h"
#include "tee/core/scheme.h"
#include "token/maa_claims.h"

namespace assay {

// What a policy demands of the verification itself (its configurationrules), and the claims it
// queries that are made only when asked for. Of types without a TPM nothing.
void DemandFor(const policy::Policy& policy, policy::AttestationType type,
               Expectations& expectations);

// `context` gives what was bound to the evidence or sent beside it. A policy whose demands on the
// verification were not met denies, whatever its rules say.
policy::Evaluation Admit(const policy::Policy& policy, const VerifiedClaims& verified,
                         const TokenContext& context);

}  // namespace assay
