// One condition of a release policy against the claims of one token.
#pragma once

#include "release/policy.h"
#include "release/reason.h"

namespace assay::release {

// The claim at that path; null when it is not there.
const json::Value* FindClaim(const json::Value& claims, const ClaimPath& path);

Outcome Judge(const ClaimTest& test, const json::Value& claims);

// Two strings, two booleans or two numbers of one value.
bool SameScalar(const json::Value& a, const json::Value& b);

// What stands there, for a person: short, and without control characters.
std::string Shown(const json::Value* value);

}  // namespace assay::release
