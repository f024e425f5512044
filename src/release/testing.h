// Policies and claims for the tests of release/.
#pragma once

#include <string>

#include "base/json.h"
#include "release/policy.h"

namespace assay::release::testing {

inline json::Value Json(const std::string& text) { return json::Parse(text).value(); }

inline ReleasePolicy Policy(const std::string& text) { return ParseReleasePolicy(text).value(); }

// One branch of a policy: this authority, and all of `tests`.
inline std::string BranchOf(const std::string& authority, const std::string& tests) {
  return R"({"authority":")" + authority + R"(","allOf":[)" + tests + "]}";
}

inline std::string PolicyText(const std::string& branches) {
  return R"({"version":"1.0.0","anyOf":[)" + branches + "]}";
}

inline std::string AgreementOf(const std::string& branches, const std::string& equal = {}) {
  return R"({"x-assay-agreement":{"authorities":[)" + branches + "]" +
         (equal.empty() ? "" : R"(,"equal":[)" + equal + "]") + "}}";
}

}  // namespace assay::release::testing
