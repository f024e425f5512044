// How AttestService decides: evidence is judged, the policy asked, the decision put on the record,
// the token signed.
#include <algorithm>
#include <utility>

#include "api/attest_service.h"
#include "api/denial.h"
#include "appraise/admission.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "token/jws.h"
#include "token/maa_claims.h"

namespace assay {
namespace {

constexpr const char* kNoPolicy = "denied: no policy is set for this type";

// Where each TEE carries what was fixed before launch.
std::string_view InitTimeClaim(std::string_view scheme) {
  if (scheme == "sgx") return "config_id";
  return scheme == "tdx" ? "mrconfigid" : "host_data";
}

// The claim must be the SHA-256 of the data, filled up with zeros to its own size.
std::optional<ApiError> CheckInitTime(const BoundData& data, std::string_view scheme,
                                      const Claims& claims) {
  const std::string_view name = InitTimeClaim(scheme);
  const std::string digest = HexEncode(Sha256(data.bytes));
  std::string found = "none";
  for (const auto& [key, value] : claims) {
    if (key == name && value.AsString() != nullptr) found = *value.AsString();
  }
  const bool bound =
      found.starts_with(digest) && found.find_first_not_of('0', digest.size()) == std::string::npos;
  if (bound) return std::nullopt;
  return NotTrusted({Check{"binding.init_time_data",
                           Outcome::kFail,
                           std::string(name) + " begins with the SHA-256 " + digest,
                           found,
                           {},
                           "Azure Attestation REST API, InitTimeData"}});
}

// What a source gives, and the certificates that came with the evidence: whoever brings a VCEK does
// not need it fetched.
class WithCertificates final : public CollateralSource {
 public:
  WithCertificates(CollateralSource& source, const std::vector<CertificatePtr>& certificates)
      : source_(source), certificates_(certificates) {}

  std::shared_ptr<const Collateral> Gather(const CollateralNeeds& needs, Time now) override {
    CollateralNeeds rest = needs;
    if (auto* amd = std::get_if<AmdNeed>(&rest)) {
      amd->has_leaf = std::any_of(certificates_.begin(), certificates_.end(),
                                  [](const auto& c) { return c->subject_cn() == "SEV-VCEK"; });
    }
    Collateral out = *source_.Gather(rest, now);
    out.certificates.insert(out.certificates.end(), certificates_.begin(), certificates_.end());
    return std::make_shared<const Collateral>(std::move(out));
  }

 private:
  CollateralSource& source_;
  const std::vector<CertificatePtr>& certificates_;
};

// What policy and token need to know besides the evidence.
TokenContext ContextOf(const AttestRequest& request) {
  TokenContext out;
  out.nonce = request.nonce;
  out.policy_claims = request.policy_claims;
  out.custom_claims = request.custom_claims;
  out.machine = request.token_claims;
  if (request.runtime_data) {
    out.runtime = request.runtime_data->document;
    if (!out.runtime) out.enclave_held_data = request.runtime_data->bytes;
  }
  if (request.runtime_claim) out.runtime = request.runtime_claim;
  out.guest = request.type == policy::AttestationType::kAzureGuest;
  if (request.init_time_data) out.init_time = request.init_time_data->document;
  return out;
}

// A failure to judge is no decision.
bool IsDenial(const ApiError& error) {
  return !error.failed_checks.empty() || error.code == kPolicyDenied;
}

// What every record of a verdict says.
ledger::Record RecordOf(const AttestRequest& request, const std::vector<Sha256Digest>& collateral) {
  ledger::Record out;
  out.subject = request.subject.empty() ? std::string(policy::Name(request.type)) : request.subject;
  out.actor = request.actor;
  out.evidence = Sha256(request.evidence);
  out.collateral = collateral;
  return out;
}

}  // namespace

Result<Verdict> AttestService::Appraise(const AttestRequest& request) {
  const std::shared_ptr<const PolicySet> policies = this->policies();
  return Appraise(request, {policies->Of(request.type)});
}

Result<Verdict> AttestService::Appraise(const AttestRequest& request,
                                        std::initializer_list<const policy::Policy*> demanding) {
  Expectations expectations = request.expectations;
  for (const policy::Policy* const policy : demanding) {
    if (policy != nullptr) DemandFor(*policy, request.type, expectations);
  }
  expectations.allow_missing_crl = options_.allow_missing_crl;
  expectations.allow_debug = options_.allow_debug;
  if (request.runtime_data) {
    expectations.report_data = ToBytes(Sha256(request.runtime_data->bytes));
  }
  WithCertificates extended(source_, request.certificates);
  CollateralSource& source = request.certificates.empty() ? source_ : extended;
  return appraiser_.Appraise(request.evidence, request.scheme, source, expectations,
                             options_.evidence_clock());
}

tl::expected<VerifiedClaims, ApiError> AttestService::Judge(
    const AttestRequest& request, std::initializer_list<const policy::Policy*> demanding,
    std::vector<Sha256Digest>& collateral) {
  Result<Verdict> verdict = Appraise(request, demanding);
  if (!verdict) return tl::unexpected(FromError(verdict.error()));
  collateral = std::move(verdict->collateral);
  if (!verdict->verified) return tl::unexpected(NotTrusted(verdict->checks));
  if (request.init_time_data) {
    auto refusal =
        CheckInitTime(*request.init_time_data, request.scheme, verdict->verified->claims());
    if (refusal) return tl::unexpected(std::move(*refusal));
  }
  return std::move(*verdict->verified);
}

tl::expected<PendingAttestation, ApiError> AttestService::Decide(
    const AttestRequest& request, VerifiedClaims verified, const policy::Policy* policy,
    TokenContext context, const std::vector<Sha256Digest>& collateral) const {
  if (policy == nullptr) {
    policy::Explanation why;
    why.summary = kNoPolicy;
    return tl::unexpected(Deny(request, collateral, PolicyDenied(request.type, nullptr, why)));
  }
  policy::Evaluation evaluation = Admit(*policy, verified, context);
  if (!evaluation.permitted) {
    return tl::unexpected(
        Deny(request, collateral, PolicyDenied(request.type, policy, evaluation.explanation)));
  }
  context.policy = policy->text();
  context.issued = std::move(evaluation.issued);
  return Prepare(request, std::move(verified), std::move(context), evaluation.properties,
                 collateral);
}

tl::expected<PendingAttestation, ApiError> AttestService::Prepare(
    const AttestRequest& request, VerifiedClaims verified, TokenContext context,
    const policy::Properties& properties, const std::vector<Sha256Digest>& collateral) const {
  const Result<Bytes> jti = RandomBytes(32);
  if (!jti) return tl::unexpected(FromError(jti.error()));
  context.issuer = options_.issuer;
  context.jti = HexEncode(*jti);
  context.issued_at = options_.clock();
  if (properties.report_validity_in_minutes) {
    context.lifetime_seconds = *properties.report_validity_in_minutes * 60;
  }
  std::shared_ptr<const KeyRing> keys = this->keys();
  const TokenSigner& signer = keys->SignerAt(context.issued_at);
  JwsHeader header = HeaderFor(signer, properties);
  std::optional<Recording> recording;
  if (options_.decisions != nullptr && !request.draft) {
    recording = TRY(PutOnRecord(request, context, header.kid, collateral));
  }
  return PendingAttestation{
      std::move(verified), std::move(context),        std::move(keys),     &signer,
      std::move(header),   request.draft.has_value(), std::move(recording)};
}

tl::expected<Attestation, ApiError> AttestService::Finish(PendingAttestation pending) const {
  Attestation out;
  if (pending.recording) {
    auto place = pending.recording->Place();
    if (!place) {
      metrics_->CountVerdict(pending.verified.scheme(), false);
      return tl::unexpected(std::move(place.error()));
    }
    out.place = std::move(*place);
    pending.context.machine.emplace_back("x-assay-ledger", PlaceJson(*out.place));
  }
  const json::Object claims =
      MaaClaims(pending.verified.scheme(), pending.verified.claims(), pending.context);
  if (pending.draft) return Attestation{UnsecuredJws(pending.header, claims), {}};
  const auto token = SignJws(pending.signer->key, pending.header, claims);
  metrics_->CountVerdict(pending.verified.scheme(), token.has_value());
  if (!token) return tl::unexpected(FromError(token.error()));
  out.token = *token;
  return out;
}

tl::expected<Recording, ApiError> AttestService::PutOnRecord(
    const AttestRequest& request, const TokenContext& context, const std::string& kid,
    const std::vector<Sha256Digest>& collateral) const {
  ledger::Record record = RecordOf(request, collateral);
  record.kind = ledger::RecordKind::kAttestation;
  record.verdict = ledger::RecordVerdict::kPermitted;
  if (!context.policy.empty()) record.policy = Sha256(AsBytes(context.policy));
  record.detail = json::Write(json::Object{{"jti", context.jti},
                                           {"kid", kid},
                                           {"provider", options_.issuer},
                                           {"type", policy::Name(request.type)}});
  return options_.decisions->Begin(std::move(record));
}

ApiError AttestService::Deny(const AttestRequest& request,
                             const std::vector<Sha256Digest>& collateral, ApiError denial,
                             ledger::RecordKind kind) const {
  if (options_.decisions == nullptr || request.draft) return denial;
  ledger::Record record = RecordOf(request, collateral);
  record.kind = kind;
  record.verdict = ledger::RecordVerdict::kDenied;
  for (const Check& one : denial.failed_checks) record.failed_checks.emplace_back(one.name);
  json::Object detail{
      {"code", denial.code}, {"provider", options_.issuer}, {"type", policy::Name(request.type)}};
  for (const auto& [name, value] : denial.policy) {
    if (name == "hash") detail.emplace_back("policy", value);
  }
  if (!denial.drift.empty()) detail.emplace_back("drift", denial.drift);
  record.detail = json::Write(detail);
  const auto place = options_.decisions->Write(std::move(record));
  if (!place) return place.error();
  denial.place = PlaceJson(*place);
  return denial;
}

tl::expected<Attestation, ApiError> AttestService::Grant(const AttestRequest& request,
                                                         const Verdict& verdict,
                                                         json::Object machine) {
  TokenContext context = ContextOf(request);
  context.machine = std::move(machine);
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const policy = policies->Of(request.type);
  auto pending =
      policy != nullptr
          ? Decide(request, *verdict.verified, policy, std::move(context), verdict.collateral)
          : Prepare(request, *verdict.verified, std::move(context), {}, verdict.collateral);
  if (pending) return Finish(std::move(*pending));
  metrics_->CountVerdict(request.scheme, false);
  return tl::unexpected(std::move(pending.error()));
}

tl::expected<PolicyComparison, ApiError> AttestService::Compare(const AttestRequest& request,
                                                                const policy::Policy& draft) {
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const in_force = policies->Of(request.type);
  std::vector<Sha256Digest> collateral;
  const auto verified = Judge(request, {in_force, &draft}, collateral);
  if (!verified) return tl::unexpected(verified.error());
  const TokenContext context = ContextOf(request);
  PolicyComparison out;
  if (in_force != nullptr) out.in_force = Admit(*in_force, *verified, context);
  if (in_force == nullptr) out.in_force.explanation.summary = kNoPolicy;
  out.draft = Admit(draft, *verified, context);
  return out;
}

// Evidence that verified is what a policy can be tried on: it was permitted, or the policy denied.
void AttestService::Record(const AttestRequest& request, std::string_view body,
                           const tl::expected<Attestation, ApiError>& answer) const {
  if (!options_.record || request.draft) return;
  if (answer || answer.error().code == kPolicyDenied) options_.record(request.type, body);
}

tl::expected<PendingAttestation, ApiError> AttestService::Begin(const AttestRequest& request) {
  std::optional<policy::Policy> draft;
  if (request.draft) {
    auto compiled = policy::Policy::Compile(*request.draft);
    if (!compiled) return tl::unexpected(PolicyDoesNotCompile(compiled.error()));
    draft = std::move(*compiled);
  }
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const policy = draft ? &*draft : policies->Of(request.type);
  std::vector<Sha256Digest> collateral;
  auto verified = Judge(request, {policy}, collateral);
  if (!verified && IsDenial(verified.error())) {
    verified = tl::unexpected(Deny(request, collateral, std::move(verified.error())));
  }
  auto out = verified
                 ? Decide(request, std::move(*verified), policy, ContextOf(request), collateral)
                 : tl::unexpected(verified.error());
  if (!out && !draft) metrics_->CountVerdict(request.scheme, false);
  return out;
}

tl::expected<Attestation, ApiError> AttestService::Attest(const AttestRequest& request) {
  return Finish(TRY(Begin(request)));
}

}  // namespace assay
