#include "policy/defaults.h"

namespace assay::policy {
namespace {

// policy-examples.md shows a later form, version 1.1 with x-ms-sgx-tcbidentifier="azuredefault";
// its authorization and issuance rules are these (docs/policy.md, decision 17).
constexpr std::string_view kSgxDefault =
    "version= 1.0;authorizationrules{=> permit();};issuancerules{"
    "c:[type==\"x-ms-sgx-is-debuggable\"] => issue(type=\"is-debuggable\", value=c.value);"
    "c:[type==\"x-ms-sgx-mrsigner\"] => issue(type=\"sgx-mrsigner\", value=c.value);"
    "c:[type==\"x-ms-sgx-mrenclave\"] => issue(type=\"sgx-mrenclave\", value=c.value);"
    "c:[type==\"x-ms-sgx-product-id\"] => issue(type=\"product-id\", value=c.value);"
    "c:[type==\"x-ms-sgx-svn\"] => issue(type=\"svn\", value=c.value);"
    "c:[type==\"x-ms-attestation-type\"] => issue(type=\"tee\", value=c.value);};";

// Not published: a machine that started what nobody signed is admitted by a policy that says so.
constexpr std::string_view kSecureBoot =
    "version= 1.0;authorizationrules{[type==\"secureboot\", value==true] => permit();};";

constexpr std::string_view kPermit = "version= 1.0;authorizationrules{=> permit();};";

}  // namespace

std::optional<std::string_view> DefaultPolicy(AttestationType type) {
  switch (type) {
    case AttestationType::kSgxEnclave:
    case AttestationType::kOpenEnclave: return kSgxDefault;
    case AttestationType::kSevSnpVm:
    // Not published; the hardware checks decide, as for SEV-SNP.
    case AttestationType::kTdxVm: return kPermit;
    case AttestationType::kAzureGuest: return kSecureBoot;
    case AttestationType::kTpm:
    case AttestationType::kVbsEnclave: break;
  }
  return std::nullopt;
}

}  // namespace assay::policy
