#include "token/maa_claims.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "token/guest_claims.h"

namespace assay {
namespace {

struct ClaimName {
  std::string_view maa;
  std::string_view assay;
};

constexpr std::array kSgx = std::to_array<ClaimName>({
    {"x-ms-sgx-is-debuggable", "is_debuggable"},
    {"x-ms-sgx-mrenclave", "mrenclave"},
    {"x-ms-sgx-mrsigner", "mrsigner"},
    {"x-ms-sgx-product-id", "isv_prod_id"},
    {"x-ms-sgx-svn", "isv_svn"},
    {"x-ms-sgx-report-data", "report_data"},
    {"x-ms-sgx-collateral", "collateral"},
});

// Present only when the enclave uses Key Separation and Sharing, that is when they are not zero.
constexpr std::array kSgxKss = std::to_array<ClaimName>({
    {"x-ms-sgx-config-id", "config_id"},
    {"x-ms-sgx-config-svn", "config_svn"},
    {"x-ms-sgx-isv-extended-product-id", "isv_ext_prod_id"},
    {"x-ms-sgx-isv-family-id", "isv_family_id"},
});

constexpr std::array kTdx = std::to_array<ClaimName>({
    {"attester_tcb_status", "tcb_status"},
    {"tdx_mrconfigid", "mrconfigid"},
    {"tdx_mrowner", "mrowner"},
    {"tdx_mrownerconfig", "mrownerconfig"},
    {"tdx_mrseam", "mrseam"},
    {"tdx_mrsignerseam", "mrsignerseam"},
    {"tdx_mrtd", "mrtd"},
    {"tdx_report_data", "report_data"},
    {"tdx_rtmr0", "rtmr0"},
    {"tdx_rtmr1", "rtmr1"},
    {"tdx_rtmr2", "rtmr2"},
    {"tdx_rtmr3", "rtmr3"},
    {"tdx_seam_attributes", "seam_attributes"},
    {"tdx_td_attributes", "td_attributes"},
    {"tdx_td_attributes_debug", "is_debuggable"},
    {"tdx_tee_tcb_svn", "tee_tcb_svn"},
    {"tdx_xfam", "xfam"},
});

constexpr std::array kSnp = std::to_array<ClaimName>({
    {"x-ms-sevsnpvm-authorkeydigest", "author_key_digest"},
    {"x-ms-sevsnpvm-bootloader-svn", "bootloader_svn"},
    {"x-ms-sevsnpvm-familyId", "family_id"},
    {"x-ms-sevsnpvm-guestsvn", "guest_svn"},
    {"x-ms-sevsnpvm-hostdata", "host_data"},
    {"x-ms-sevsnpvm-idkeydigest", "id_key_digest"},
    {"x-ms-sevsnpvm-imageId", "image_id"},
    {"x-ms-sevsnpvm-is-debuggable", "is_debuggable"},
    {"x-ms-sevsnpvm-launchmeasurement", "measurement"},
    {"x-ms-sevsnpvm-microcode-svn", "microcode_svn"},
    {"x-ms-sevsnpvm-migration-allowed", "migration_allowed"},
    {"x-ms-sevsnpvm-reportdata", "report_data"},
    {"x-ms-sevsnpvm-reportid", "report_id"},
    {"x-ms-sevsnpvm-smt-allowed", "smt_allowed"},
    {"x-ms-sevsnpvm-snpfw-svn", "snpfw_svn"},
    {"x-ms-sevsnpvm-tee-svn", "tee_svn"},
    {"x-ms-sevsnpvm-vmpl", "vmpl"},
});

// For policies; too long for tokens.
constexpr std::array kTpmDocuments =
    std::to_array<ClaimName>({{"events", "events"}, {"pcrs", "pcr_values"}});

const json::Value* Find(const Claims& claims, std::string_view name) {
  for (const auto& [key, value] : claims) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Rename(std::span<const ClaimName> names, const Claims& claims, json::Object& out) {
  for (const ClaimName& name : names) {
    const json::Value* value = Find(claims, name.assay);
    if (value != nullptr) out.emplace_back(name.maa, *value);
  }
}

bool IsZeroClaim(const json::Value* value) {
  if (value == nullptr) return true;
  if (const std::int64_t* number = value->AsInt()) return *number == 0;
  const std::string* text = value->AsString();
  return text != nullptr && text->find_first_not_of('0') == std::string::npos;
}

void AddSgx(const Claims& claims, json::Object& out) {
  Rename(kSgx, claims, out);
  const bool kss = std::any_of(kSgxKss.begin(), kSgxKss.end(), [&claims](const ClaimName& name) {
    return !IsZeroClaim(Find(claims, name.assay));
  });
  if (kss) Rename(kSgxKss, claims, out);
  out.emplace_back("x-ms-attestation-type", "sgx");
}

// The hexadecimal claim as bytes; empty when it is missing or no such text.
Bytes HexClaim(const Claims& claims, std::string_view name) {
  const json::Value* value = Find(claims, name);
  const std::string* text = value != nullptr ? value->AsString() : nullptr;
  return text != nullptr ? HexDecode(*text).value_or(Bytes()) : Bytes();
}

void AddTdx(const Claims& claims, json::Object& out) {
  Rename(kTdx, claims, out);
  // TD attributes are a little-endian bit set (TDX DCAP Quoting Library API, A.3.4).
  struct Bit {
    std::string_view name;
    unsigned index;
  };
  const Bytes attributes = HexClaim(claims, "td_attributes");
  for (const Bit& bit :
       {Bit{"tdx_td_attributes_septve_disable", 28}, Bit{"tdx_td_attributes_protection_keys", 30},
        Bit{"tdx_td_attributes_key_locker", 31}, Bit{"tdx_td_attributes_perfmon", 63}}) {
    if (attributes.size() != 8) break;
    out.emplace_back(bit.name, ((ToU8(attributes[bit.index / 8]) >> (bit.index % 8)) & 1) != 0);
  }
  const Bytes svn = HexClaim(claims, "tee_tcb_svn");
  if (!svn.empty()) out.emplace_back("tdx_seamsvn", int{ToU8(svn[0])});
  const json::Value* debug = Find(claims, "is_debuggable");
  if (debug != nullptr && debug->AsBool() != nullptr) {
    out.emplace_back("dbgstat", *debug->AsBool() ? "enabled" : "disabled");
  }
  out.emplace_back("eat_profile", "https://aka.ms/maa-eat-profile-tdxvm");
  out.emplace_back("intuse", "generic");
  out.emplace_back("x-ms-attestation-type", "tdxvm");
}

// What Windows stated of its start; of another system there are none of these claims.
void AddWindows(const json::Value& windows, json::Object& out) {
  const auto stated = [&windows](std::string_view name) {
    const json::Value* const value = windows.Find(name);
    return value != nullptr ? value->AsBool() : nullptr;
  };
  struct Statement {
    std::string_view maa;
    std::string_view assay;
    bool negated;
  };
  for (const Statement& one :
       {Statement{"bootDebuggingDisabled", "boot_debugging", true},
        Statement{"notSafeMode", "safe_mode", true}, Statement{"notWinPE", "winpe", true}}) {
    const bool* const value = stated(one.assay);
    if (value != nullptr) out.emplace_back(one.maa, *value != one.negated);
  }
  // Not to demand it is not to have it for certain.
  for (const ClaimName& name :
       {ClaimName{"vbsEnabled", "vsm_required"}, ClaimName{"iommuEnabled", "vbs_iommu_required"}}) {
    const bool* const value = stated(name.assay);
    out.emplace_back(name.maa, value != nullptr && *value);
  }
}

// Claims that stand elsewhere, or that only policies see.
bool HasOtherPlace(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"nonce", "secure_boot", "events",
                                                      "pcr_values", "ak_validated"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The names of TPM policies (azure-docs, attestation/claim-sets.md, "TPM attestation"); what Azure
// has no name for stands in one claim of ours, under the verifier's own names.
void AddTpm(const Claims& claims, json::Object& out) {
  const json::Value* const secure_boot = Find(claims, "secure_boot");
  if (secure_boot != nullptr) out.emplace_back("secureBootEnabled", *secure_boot);
  if (const json::Value* const windows = Find(claims, "windows")) AddWindows(*windows, out);
  // Unverified evidence makes no claims: the key is known, unless that was waived.
  const json::Value* const validated = Find(claims, "ak_validated");
  out.emplace_back("aikValidated", validated != nullptr ? *validated : json::Value(true));
  Rename(kTpmDocuments, claims, out);
  out.emplace_back("aikPubHash", Base64Encode(HexClaim(claims, "ak_spki")));
  out.emplace_back("tpmVersion", 2);
  json::Object own;
  for (const json::Member& claim : claims) {
    if (!HasOtherPlace(claim.first)) own.push_back(claim);
  }
  out.emplace_back("x-assay-tpm", std::move(own));
  out.emplace_back("x-ms-attestation-type", "tpm");
}

// The processor's own claims of a confidential VM, by the name of its scheme.
json::Object IsolationClaims(const std::string& scheme, const Claims& claims) {
  json::Object out = EvidenceClaims(scheme, claims, false);
  const json::Value* const runtime = Find(claims, "runtime_data");
  if (runtime != nullptr) out.emplace_back("x-ms-runtime", *runtime);
  return out;
}

void AddGuest(const Claims& claims, json::Object& out) {
  AddGuestBoot(claims, out);
  const json::Value* const isolation = Find(claims, "isolation");
  if (isolation != nullptr && isolation->AsString() != nullptr) {
    out.emplace_back("x-ms-isolation-tee", IsolationClaims(*isolation->AsString(), claims));
  }
}

// policy-version-1-0.md, "VBS attestation": identities in base64url.
void AddVbs(const Claims& claims, json::Object& out) {
  for (const ClaimName& name : {ClaimName{"enclaveAuthorId", "enclave_author_id"},
                                ClaimName{"enclaveFamilyId", "enclave_family_id"},
                                ClaimName{"enclaveImageId", "enclave_image_id"},
                                ClaimName{"enclaveOwnerId", "enclave_owner_id"}}) {
    out.emplace_back(name.maa, Base64UrlEncode(HexClaim(claims, name.assay)));
  }
  constexpr std::array kNumbers = std::to_array<ClaimName>({{"enclaveSvn", "enclave_svn"},
                                                            {"enclavePlatformSvn", "platform_svn"},
                                                            {"enclaveFlags", "enclave_flags"}});
  Rename(kNumbers, claims, out);
  // Both names stand in the documents.
  out.emplace_back("vbsReportPresent", true);
  out.emplace_back("vsmReportPresent", true);
}

void AddToken(const TokenContext& context, json::Object& out) {
  const std::int64_t now = UnixSeconds(context.issued_at);
  out.emplace_back("iss", context.issuer);
  out.emplace_back("jti", context.jti);
  out.emplace_back("iat", now);
  out.emplace_back("nbf", now);
  out.emplace_back("exp", now + context.lifetime_seconds);
  out.emplace_back("x-ms-policy-hash", PolicyHash(context.policy));
}

// Deprecated names that the recorded service writes itself, whatever the policy.
void AddDeprecated(json::Object& out) {
  constexpr std::array kNames = std::to_array<ClaimName>(
      {{"maa-attestationcollateral", "x-ms-sgx-collateral"}, {"maa-ehd", "x-ms-sgx-ehd"}});
  for (const ClaimName& name : kNames) {
    const json::Value* value = Find(out, name.assay);
    if (value != nullptr) out.emplace_back(name.maa, json::Value(*value));
  }
}

void SortByName(json::Object& out) {
  std::sort(out.begin(), out.end(),
            [](const json::Member& a, const json::Member& b) { return a.first < b.first; });
}

// No rule may speak for the service: a claim that is there stays as it is.
void AddIssued(json::Object issued, json::Object& out) {
  if (issued.empty()) return;
  SortByName(issued);
  for (const auto& [name, value] : issued) {
    if (name != "x-ms-policy" && Find(out, name) == nullptr) out.emplace_back(name, value);
  }
  out.emplace_back("x-ms-policy", std::move(issued));
}

}  // namespace

std::string PolicyHash(std::string_view policy) {
  return Base64UrlEncode(Sha256(AsBytes(Base64UrlEncode(AsBytes(policy)))));
}

json::Object EvidenceClaims(std::string_view scheme, const Claims& claims, bool guest) {
  json::Object out;
  // Whatever else tells of the evidence: whose TPM it was.
  if (const json::Value* const ak = Find(claims, "ak_spki")) out.emplace_back("x-assay-ak", *ak);
  if (guest) {
    AddGuest(claims, out);
    Rename(kTpmDocuments, claims, out);
    return out;
  }
  if (scheme == "sgx") AddSgx(claims, out);
  if (scheme == "tdx") AddTdx(claims, out);
  if (scheme == "snp") {
    Rename(kSnp, claims, out);
    out.emplace_back("x-ms-attestation-type", "sevsnpvm");
  }
  if (scheme == "tpm" || scheme == "vbs") AddTpm(claims, out);
  if (scheme == "vbs") AddVbs(claims, out);
  return out;
}

json::Object BoundClaims(std::string_view scheme, const TokenContext& context) {
  json::Object out{{"x-ms-ver", "1.0"}};
  if (!context.nonce.empty()) out.emplace_back("nonce", context.nonce);
  if (context.runtime) out.emplace_back("x-ms-runtime", *context.runtime);
  if (context.init_time) out.emplace_back("x-ms-inittime", *context.init_time);
  if (context.enclave_held_data && scheme == "sgx") {
    const std::string data = Base64UrlEncode(*context.enclave_held_data);
    for (const char* name : {"x-ms-sgx-ehd", "aas-ehd"}) out.emplace_back(name, data);
  }
  return out;
}

json::Object MaaClaims(std::string_view scheme, const Claims& claims, const TokenContext& context) {
  json::Object out = EvidenceClaims(scheme, claims, context.guest);
  std::erase_if(out, [](const json::Member& member) {
    return std::any_of(kTpmDocuments.begin(), kTpmDocuments.end(),
                       [&](const ClaimName& name) { return name.maa == member.first; });
  });
  for (json::Member& member : BoundClaims(scheme, context)) out.push_back(std::move(member));
  AddDeprecated(out);
  AddToken(context, out);
  out.insert(out.end(), context.machine.begin(), context.machine.end());
  AddIssued(context.issued, out);
  SortByName(out);
  return out;
}

}  // namespace assay
