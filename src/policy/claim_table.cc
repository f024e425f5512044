#include "policy/claim_table.h"

#include <algorithm>
#include <array>

namespace assay::policy {
namespace {

constexpr ValueType kS = ValueType::kString;
constexpr ValueType kI = ValueType::kInteger;
constexpr ValueType kB = ValueType::kBoolean;

constexpr std::array<std::string_view, kAttestationTypes> kNames = {
    "SgxEnclave", "OpenEnclave", "TdxVm", "SevSnpVm", "AzureGuest", "Tpm", "VbsEnclave"};

// claim-sets.md, "Common for all attestation types"; objects are strings to the language.
constexpr KnownClaim kCommon[] = {
    {"x-ms-attestation-type", kS, {}},
    {"x-ms-ver", kS, {}},
    {"nonce", kS, {}},
    {"x-ms-runtime", kS, {}},
    {"x-ms-inittime", kS, {}},
    {"aas-ehd", kS, {}},
    {"$tee", kS, "x-ms-attestation-type"},
};

// claim-sets.md, "SGX attestation", incoming and outgoing.
constexpr KnownClaim kSgx[] = {
    {"x-ms-sgx-is-debuggable", kB, {}},
    {"x-ms-sgx-product-id", kI, {}},
    {"x-ms-sgx-mrsigner", kS, {}},
    {"x-ms-sgx-mrenclave", kS, {}},
    {"x-ms-sgx-svn", kI, {}},
    {"x-ms-sgx-ehd", kS, {}},
    {"x-ms-sgx-report-data", kS, {}},
    {"x-ms-sgx-collateral", kS, {}},
    {"x-ms-sgx-config-id", kS, {}},
    {"x-ms-sgx-config-svn", kI, {}},
    {"x-ms-sgx-isv-extended-product-id", kS, {}},
    {"x-ms-sgx-isv-family-id", kS, {}},
    {"$is-debuggable", kB, "x-ms-sgx-is-debuggable"},
    {"$product-id", kI, "x-ms-sgx-product-id"},
    {"$sgx-mrsigner", kS, "x-ms-sgx-mrsigner"},
    {"$sgx-mrenclave", kS, "x-ms-sgx-mrenclave"},
    {"$svn", kI, "x-ms-sgx-svn"},
    {"$maa-ehd", kS, "x-ms-sgx-ehd"},
    {"$aas-ehd", kS, "x-ms-sgx-ehd"},
    {"$maa-attestationcollateral", kS, "x-ms-sgx-collateral"},
};

// trust-domain-extensions-eat-profile.md.
constexpr KnownClaim kTdx[] = {
    {"attester_tcb_status", kS, {}},
    {"dbgstat", kS, {}},
    {"eat_profile", kS, {}},
    {"intuse", kS, {}},
    {"tdx_mrconfigid", kS, {}},
    {"tdx_mrowner", kS, {}},
    {"tdx_mrownerconfig", kS, {}},
    {"tdx_mrseam", kS, {}},
    {"tdx_mrsignerseam", kS, {}},
    {"tdx_mrtd", kS, {}},
    {"tdx_report_data", kS, {}},
    {"tdx_rtmr0", kS, {}},
    {"tdx_rtmr1", kS, {}},
    {"tdx_rtmr2", kS, {}},
    {"tdx_rtmr3", kS, {}},
    {"tdx_seam_attributes", kS, {}},
    {"tdx_seamsvn", kI, {}},
    {"tdx_td_attributes", kS, {}},
    {"tdx_td_attributes_debug", kB, {}},
    {"tdx_td_attributes_key_locker", kB, {}},
    {"tdx_td_attributes_perfmon", kB, {}},
    {"tdx_td_attributes_protection_keys", kB, {}},
    {"tdx_td_attributes_septve_disable", kB, {}},
    {"tdx_tee_tcb_svn", kS, {}},
    {"tdx_xfam", kS, {}},
    {"x-ms-compliance-status", kS, {}},
};

// claim-sets.md, "SEV-SNP attestation".
constexpr KnownClaim kSnp[] = {
    {"x-ms-compliance-status", kS, {}},       {"x-ms-sevsnpvm-authorkeydigest", kS, {}},
    {"x-ms-sevsnpvm-bootloader-svn", kI, {}}, {"x-ms-sevsnpvm-familyId", kS, {}},
    {"x-ms-sevsnpvm-guestsvn", kI, {}},       {"x-ms-sevsnpvm-hostdata", kS, {}},
    {"x-ms-sevsnpvm-idkeydigest", kS, {}},    {"x-ms-sevsnpvm-imageId", kS, {}},
    {"x-ms-sevsnpvm-is-debuggable", kB, {}},  {"x-ms-sevsnpvm-launchmeasurement", kS, {}},
    {"x-ms-sevsnpvm-microcode-svn", kI, {}},  {"x-ms-sevsnpvm-migration-allowed", kB, {}},
    {"x-ms-sevsnpvm-reportdata", kS, {}},     {"x-ms-sevsnpvm-reportid", kS, {}},
    {"x-ms-sevsnpvm-smt-allowed", kB, {}},    {"x-ms-sevsnpvm-snpfw-svn", kI, {}},
    {"x-ms-sevsnpvm-tee-svn", kI, {}},        {"x-ms-sevsnpvm-vmpl", kI, {}},
};

// policy-version-1-0.md, claim-sets.md; the JSON claims of tpm-attestation-sample-policies.md.
constexpr KnownClaim kTpm[] = {
    {"aikValidated", kB, {}},
    {"aikPubHash", kS, {}},
    {"tpmVersion", kI, {}},
    {"secureBootEnabled", kB, {}},
    {"iommuEnabled", kB, {}},
    {"bootDebuggingDisabled", kB, {}},
    {"notSafeMode", kB, {}},
    {"notWinPE", kB, {}},
    {"vbsEnabled", kB, {}},
    {"vbsReportPresent", kB, {}},
    {"events", kS, {}},
    {"bootEvents", kS, {}},
    {"pcrs", kS, {}},
    {"x-ms-tpm-request-key", kS, {}},
    {"x-ms-tpm-other-keys", kS, {}},
};

// guest-attestation-confidential-vms.md.
constexpr KnownClaim kGuest[] = {
    {"secureboot", kB, {}},
    {"x-ms-azurevm-attestation-protocol-ver", kS, {}},
    {"x-ms-azurevm-attested-pcrs", kS, {}},
    {"x-ms-azurevm-bootdebug-enabled", kB, {}},
    {"x-ms-azurevm-debuggersdisabled", kB, {}},
    {"x-ms-azurevm-elam-enabled", kB, {}},
    {"x-ms-azurevm-flightsigning-enabled", kB, {}},
    {"x-ms-azurevm-hvci-policy", kI, {}},
    {"x-ms-azurevm-hypervisordebug-enabled", kB, {}},
    {"x-ms-azurevm-is-windows", kB, {}},
    {"x-ms-azurevm-kerneldebug-enabled", kB, {}},
    {"x-ms-azurevm-osbuild", kS, {}},
    {"x-ms-azurevm-osdistro", kS, {}},
    {"x-ms-azurevm-ostype", kS, {}},
    {"x-ms-azurevm-osversion-major", kI, {}},
    {"x-ms-azurevm-osversion-minor", kI, {}},
    {"x-ms-azurevm-signingdisabled", kB, {}},
    {"x-ms-azurevm-testsigning-enabled", kB, {}},
    {"x-ms-azurevm-vmid", kS, {}},
    {"x-ms-isolation-tee", kS, {}},
};

// policy-version-1-0.md, "VBS attestation". The sample for VBS says vsmReportPresent.
constexpr KnownClaim kVbs[] = {
    {"enclaveAuthorId", kS, {}}, {"enclaveImageId", kS, {}},   {"enclaveOwnerId", kS, {}},
    {"enclaveFamilyId", kS, {}}, {"enclaveSvn", kI, {}},       {"enclavePlatformSvn", kI, {}},
    {"enclaveFlags", kI, {}},    {"vsmReportPresent", kB, {}},
};

const KnownClaim* FindIn(std::span<const KnownClaim> table, std::string_view name) {
  const auto it = std::find_if(table.begin(), table.end(),
                               [&](const KnownClaim& one) { return one.name == name; });
  return it == table.end() ? nullptr : &*it;
}

const KnownClaim* FindInAny(std::initializer_list<std::span<const KnownClaim>> tables,
                            std::string_view name) {
  for (const auto table : tables) {
    if (const KnownClaim* claim = FindIn(table, name)) return claim;
  }
  return nullptr;
}

}  // namespace

std::string_view Name(AttestationType type) { return kNames[static_cast<std::size_t>(type)]; }

std::optional<AttestationType> FindAttestationType(std::string_view name) {
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<AttestationType>(it - kNames.begin());
}

const KnownClaim* FindClaim(AttestationType type, std::string_view name) {
  switch (type) {
    case AttestationType::kSgxEnclave:
    case AttestationType::kOpenEnclave: return FindInAny({kSgx, kCommon}, name);
    case AttestationType::kTdxVm: return FindInAny({kTdx, kCommon}, name);
    case AttestationType::kSevSnpVm: return FindInAny({kSnp, kCommon}, name);
    case AttestationType::kTpm: return FindInAny({kTpm, kCommon}, name);
    case AttestationType::kVbsEnclave: return FindInAny({kVbs, kTpm, kCommon}, name);
    // The claims of its processor stand in x-ms-isolation-tee.
    case AttestationType::kAzureGuest: return FindInAny({kGuest, kTpm, kCommon}, name);
  }
  return nullptr;
}

void AddDeprecatedNames(std::vector<Claim>& claims) {
  const std::size_t given = claims.size();
  for (const auto table :
       {std::span<const KnownClaim>(kSgx), std::span<const KnownClaim>(kCommon)}) {
    for (const KnownClaim& known : table) {
      if (known.use_instead.empty()) continue;
      for (std::size_t i = 0; i < given; ++i) {
        if (claims[i].type != known.use_instead) continue;
        Claim old = claims[i];
        old.type = known.name;
        claims.push_back(std::move(old));
      }
    }
  }
}

}  // namespace assay::policy
