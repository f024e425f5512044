// Why there is no token, in the shape of the API.
#pragma once

#include "api/error.h"
#include "base/result.h"
#include "policy/claim_table.h"
#include "policy/policy.h"

namespace assay {

// A failure to judge; what is inside the service stays there.
ApiError FromError(const Error& error);

// A body that is not what the API says, or asks for what this build does not do.
ApiError BadBody(const Error& error);

// A policy that is no policy: line, column, caret, and what to write. The code is Azure's
// (troubleshoot-guide.md, 2.5).
ApiError PolicyDoesNotCompile(const Error& error);

// The evidence is not trusted: the checks that failed.
ApiError NotTrusted(const std::vector<Check>& checks);

// The code of PolicyDenied.
inline constexpr std::string_view kPolicyDenied = "PolicyEvaluationError";

// The policy did not admit it. Code and message as Azure has them (azure-docs, attestation/
// troubleshoot-guide.md, 2.1); beside them which rule, the claims it saw and what would have
// passed. `policy` is null when none is set.
ApiError PolicyDenied(policy::AttestationType type, const policy::Policy* policy,
                      const policy::Explanation& why);

}  // namespace assay
