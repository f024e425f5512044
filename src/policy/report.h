// An evaluation for a person and for a program: the same facts, said twice.
#pragma once

#include <string>

#include "base/json.h"
#include "policy/policy.h"

namespace assay::policy {

// {"summary", "rule", "claims", "nearest", "error"}; members without a value are left out.
json::Object ExplanationJson(const Explanation& explanation);

// PERMITTED or DENIED, the rule that decided, the claims it saw, what would have passed.
std::string EvaluationText(const Evaluation& evaluation);

}  // namespace assay::policy
