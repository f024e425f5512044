// Which claims the evidence of each attestation type can have: what lint holds conditions to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "policy/claim.h"
#include "policy/datum.h"

namespace assay::policy {

// The types of the API (Azure-rest-api-specs, attestation, AttestationType and the attest paths).
enum class AttestationType : std::uint8_t {
  kSgxEnclave,
  kOpenEnclave,
  kTdxVm,
  kSevSnpVm,
  kAzureGuest,
  kTpm,
  kVbsEnclave,
};
inline constexpr std::size_t kAttestationTypes = 7;

std::string_view Name(AttestationType type);  // "SgxEnclave"
std::optional<AttestationType> FindAttestationType(std::string_view name);

struct KnownClaim {
  std::string_view name;
  ValueType type;
  std::string_view use_instead;  // of deprecated names
};

// Null when evidence of that type never has the claim.
const KnownClaim* FindClaim(AttestationType type, std::string_view name);

// The deprecated names ("$is-debuggable") beside the recommended ones: old policies ask for them
// (azure-docs, attestation/claim-sets.md).
void AddDeprecatedNames(std::vector<Claim>& claims);

}  // namespace assay::policy
