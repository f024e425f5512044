#include "release/policy.h"

#include <algorithm>

namespace assay::release {

std::string_view Name(Operator op) {
  switch (op) {
    case Operator::kEquals: return "equals";
    case Operator::kNotEquals: return "notEquals";
    case Operator::kLess: return "less";
    case Operator::kLessOrEquals: return "lessOrEquals";
    case Operator::kGreater: return "greater";
    case Operator::kGreaterOrEquals: return "greaterOrEquals";
    case Operator::kExists: return "exists";
  }
  return {};
}

std::string Write(const ClaimPath& path) {
  std::string out;
  for (const std::string& part : path) out += (out.empty() ? "" : ".") + part;
  return out;
}

bool ReleasePolicy::Names(std::string_view issuer) const {
  return std::any_of(any_of.begin(), any_of.end(), [issuer](const Branch& branch) {
    return std::any_of(branch.authorities.begin(), branch.authorities.end(),
                       [issuer](const Authority& a) { return a.issuer == issuer; });
  });
}

std::string_view CanonicalIssuer(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return issuer;
}

}  // namespace assay::release
