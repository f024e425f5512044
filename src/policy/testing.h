// Short ways for the tests of policies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace assay::policy {

// The claims of a debug SGX enclave, as the service makes them.
inline std::vector<Claim> SgxClaims() {
  return ServiceClaims({{"x-ms-attestation-type", "sgx"},
                        {"x-ms-sgx-is-debuggable", true},
                        {"x-ms-sgx-mrsigner", "aa11"},
                        {"x-ms-sgx-mrenclave", "bb22"},
                        {"x-ms-sgx-product-id", 7},
                        {"x-ms-sgx-svn", 3}});
}

inline std::string CompileError(std::string_view text) {
  const auto policy = Policy::Compile(text);
  return policy ? "" : policy.error().message;
}

// A policy of version 1.2 with these rules.
inline std::string Rules(std::string_view authorization, std::string_view issuance = "") {
  std::string out = "version=1.2;\nauthorizationrules {\n";
  out += authorization;
  out += "\n};\nissuancerules {\n";
  out += issuance;
  return out + "\n};\n";
}

// What the issuance rules issue, as JSON; the reason when nothing is permitted.
inline std::string Issued(std::string_view issuance, const std::vector<Claim>& claims) {
  const auto policy = Policy::Compile(Rules("=> permit();", issuance));
  if (!policy) return policy.error().message;
  const Evaluation result = Evaluate(*policy, claims);
  if (result.permitted) return json::Write(result.issued);
  return result.explanation.error ? result.explanation.error->message : result.explanation.summary;
}

// Whether the authorization rules permit.
inline bool Permits(std::string_view authorization, const std::vector<Claim>& claims) {
  return Evaluate(Policy::Compile(Rules(authorization)).value(), claims).permitted;
}

}  // namespace assay::policy
