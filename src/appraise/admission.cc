#include "appraise/admission.h"

#include <fmt/format.h>

#include <charconv>

namespace assay {
namespace {

std::vector<policy::Claim> PolicyClaims(const VerifiedClaims& verified,
                                        const TokenContext& context) {
  std::vector<policy::Claim> out =
      policy::ServiceClaims(EvidenceClaims(verified.scheme(), verified.claims(), context.guest));
  for (policy::Claim& claim : policy::ServiceClaims(BoundClaims(verified.scheme(), context))) {
    // Anybody can send any nonce; the other data are bound to the evidence by their hash.
    if (claim.type == "nonce") claim.issuer = policy::kCustomClaim;
    out.push_back(std::move(claim));
  }
  for (policy::Claim& claim : policy::ServiceClaims(context.policy_claims)) {
    out.push_back(std::move(claim));
  }
  for (const auto& [name, value] : context.custom_claims) out.push_back({name, value});
  policy::AddDeprecatedNames(out);
  return out;
}

const std::int64_t* TcbEvaluation(const VerifiedClaims& verified) {
  for (const auto& [name, value] : verified.claims()) {
    if (name == "tcb_evaluation_data_number") return value.AsInt();
  }
  return nullptr;
}

// x-ms-sgx-tcbidentifier names the baseline to verify against (custom-tcb-baseline-enforcement.md).
// A newer one than asked for is as strict; "azuredefault" leaves the choice to the service. Empty
// when it is met.
std::string BaselineComplaint(const std::string& wanted, const VerifiedClaims& verified) {
  if (wanted == "azuredefault") return {};
  std::int64_t least = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto parsed = std::from_chars(wanted.data(), end, least);
  const std::int64_t* const found = TcbEvaluation(verified);
  if (parsed.ec == std::errc() && parsed.ptr == end && found != nullptr && *found >= least) {
    return {};
  }
  return fmt::format(
      "denied: x-ms-sgx-tcbidentifier asks for TCB evaluation \"{}\", the evidence was verified "
      "with {}",
      wanted, found != nullptr ? std::to_string(*found) : "none");
}

}  // namespace

void DemandFor(const policy::Policy& policy, policy::AttestationType type,
               Expectations& expectations) {
  using policy::AttestationType;
  if (type != AttestationType::kTpm && type != AttestationType::kVbsEnclave &&
      type != AttestationType::kAzureGuest) {
    return;
  }
  // Whether by these names or not: a claim that is made in vain costs time and nothing else.
  const std::string& text = policy.text();
  if (text.find("vents") != std::string::npos || text.find("pcrs") != std::string::npos) {
    expectations.boot_documents = true;
  }
  // What cannot be evaluated is denied later, with the reason.
  const auto properties = policy::Configuration(policy);
  if (!properties) return;
  // Of a confidential VM the hardware vouches for the key, and no certificate.
  if (properties->require_valid_aik_cert && type != AttestationType::kAzureGuest) {
    expectations.allow_unknown_ak = !*properties->require_valid_aik_cert;
  }
  if (properties->required_pcr_mask) {
    expectations.required_pcrs = static_cast<std::uint32_t>(*properties->required_pcr_mask);
  }
}

policy::Evaluation Admit(const policy::Policy& policy, const VerifiedClaims& verified,
                         const TokenContext& context) {
  policy::Evaluation out = policy::Evaluate(policy, PolicyClaims(verified, context));
  if (!out.permitted || !out.properties.tcb_identifier) return out;
  std::string complaint = BaselineComplaint(*out.properties.tcb_identifier, verified);
  if (complaint.empty()) return out;
  out.permitted = false;
  out.issued.clear();
  out.explanation = {};
  out.explanation.summary = std::move(complaint);
  return out;
}

}  // namespace assay
