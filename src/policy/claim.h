// A claim as a policy sees it (azure-docs, attestation/claim-rule-grammar.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "evidence/claims.h"

namespace assay::policy {

// Made by the service from verified evidence; added by the policy itself; sent by the attester.
inline constexpr std::string_view kAttestationService = "AttestationService";
inline constexpr std::string_view kAttestationPolicy = "AttestationPolicy";
inline constexpr std::string_view kCustomClaim = "CustomClaim";

struct Claim {
  std::string type;
  // A string, integer or boolean. Any other JSON is a string claim to the language, whose text is
  // that JSON ("events"), and keeps its shape where it is issued whole.
  json::Value value;
  // The least trusted is the default, as in the grammar.
  std::string issuer = std::string(kCustomClaim);
  // May be compared and passed to functions, but never issued: what is made from it is read-only
  // too (policy-version-1-2.md on "pcrs").
  bool read_only = false;
};

// One claim of the service for each member; "pcrs" is read-only.
std::vector<Claim> ServiceClaims(const Claims& claims);

}  // namespace assay::policy
