// Does what the authorities say satisfy the policy? Pure: policy and claims in, verdict and reasons
// out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "release/policy.h"
#include "release/reason.h"

namespace assay::release {

// What one authority says; the claims are verified by whoever calls, and outlive the call.
struct AuthorityClaims {
  std::string issuer;  // as CanonicalIssuer gives it
  const json::Value* claims = nullptr;
};

struct Evaluation {
  std::optional<std::size_t> branch;     // the first of the policy that is satisfied
  Reason reason = Reason::kPolicyFalse;  // why none is
  // Each condition that had a token to judge, in the policy's order, satisfied or not; at most
  // limits::kReleaseExplained.
  std::vector<Finding> findings;
};

// A condition on a claim that is not there is not met, notEquals included ("If a specified claim
// isn't present, its condition is considered to haven't been met"); {"exists": false} alone is. Nor
// is one on a claim of another type than the operand's: a string is no number. The one exception is
// a string operand "true" or "false", which a boolean claim satisfies too: the grammar writes
// booleans so. Only objects are gone through: a claim whose own name has a dot is found by no path.
Evaluation Evaluate(const ReleasePolicy& policy, std::span<const AuthorityClaims> claims);

}  // namespace assay::release
