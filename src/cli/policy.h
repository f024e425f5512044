// `assay policy`: check, evaluate, test, query and compare policies.
//
// Each function answers in full before anything is printed, so that tests can read the answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/policy_set.h"
#include "appraise/verified.h"
#include "base/json.h"
#include "cli/options.h"
#include "policy/claim_table.h"
#include "policy/policy.h"

namespace assay::cli {

struct PolicyAnswer {
  int exit_code = 0;
  std::string text;
  json::Value json;
};

Result<PolicyAnswer> CheckPolicyFile(const Options& options);
Result<PolicyAnswer> EvaluatePolicyFile(const Options& options);
Result<PolicyAnswer> TestPolicies(const Options& options);
Result<PolicyAnswer> DiffPolicies(const Options& options);
Result<PolicyAnswer> MeasureImpact(const Options& options);
Result<PolicyAnswer> QueryJson(std::string_view expression, std::string_view document);

// "sgx", "openenclave", "tdx", "snp", "azureguest", "tpm", "vbs", or as the API spells it.
Result<policy::AttestationType> PolicyTypeOf(std::string_view name);
Result<std::string> ReadPolicy(const std::string& path);
// Compiled; an error names the file in place of "policy".
Result<policy::Policy> LoadPolicy(const std::string& path);
// "policy:3:14: ..." with the file's name, which editors follow.
std::string InFile(const std::string& path, std::string message);

// The defaults, with those of "TYPE=FILE" in their place.
Result<PolicySet> LoadPolicySet(const std::vector<std::string>& given);

// {"type": value, ...}, all made by the service; or [{"type", "value", "issuer"}, ...].
Result<std::vector<policy::Claim>> ClaimsFromJson(const json::Value& document);

// What `assay verify` says about evidence, for a policy to decide on.
struct EvidenceAnswer {
  std::optional<VerifiedClaims> verified;  // none: the evidence is not trusted, and why
  std::string refusal;
  json::Value verdict;
};
Result<EvidenceAnswer> JudgeEvidence(const Options& options);

}  // namespace assay::cli
