// What a policy says about the verification and the token, by issueproperty().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "policy/datum.h"

namespace assay::policy {

// Empty members were not set by the policy; the service then uses its default.
struct Properties {
  std::optional<std::int64_t> report_validity_in_minutes;  // of the token; 1 to a year
  std::optional<bool> omit_x5c;                   // true: x5t instead of x5c in the token's header
  std::optional<bool> require_valid_aik_cert;     // default true (policy-version-1-1.md)
  std::optional<std::int64_t> required_pcr_mask;  // default 0xFFFFFF; bit n stands for PCR n
  std::optional<std::string> tcb_identifier;  // x-ms-sgx-tcbidentifier: a number or "azuredefault"
  json::Object other;                         // names that this build does not know
};

struct KnownProperty {
  std::string_view name;
  ValueType type;
  std::int64_t least, most;  // of integers
  bool of_configuration;     // in configurationrules; otherwise in issuancerules
};

std::span<const KnownProperty> KnownProperties();
const KnownProperty* FindProperty(std::string_view name);  // null when unknown

// An error says which type or range the property has.
Result<void> CheckProperty(std::string_view name, const Datum& value);
// The last value set for a name counts.
Result<void> SetProperty(Properties& properties, std::string_view name, const Datum& value,
                         Workspace& work);

}  // namespace assay::policy
