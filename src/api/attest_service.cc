#include "api/attest_service.h"

#include <algorithm>
#include <utility>

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

// Unless the policy says, the header names the key only, as recorded tokens of Azure do.
JwsHeader HeaderOf(const std::string& issuer, const TokenSigner& signer,
                   const policy::Properties& properties) {
  JwsHeader out{issuer + "/certs", KeyId(*signer.certificate), {}, {}};
  if (!properties.omit_x5c) return out;
  const View der = signer.certificate->der();
  if (*properties.omit_x5c) {
    out.x5t = Base64UrlEncode(Sha1(der));
  } else {
    out.x5c = {Base64Encode(der)};
  }
  return out;
}

}  // namespace

AttestService::AttestService(Appraiser& appraiser, CollateralSource& source,
                             std::shared_ptr<const KeyRing> keys, AttestServiceOptions options)
    : appraiser_(appraiser),
      source_(source),
      options_(std::move(options)),
      keys_(std::move(keys)),
      metrics_(options_.metrics ? options_.metrics : std::make_shared<Metrics>()),
      tpm_challenges_(TpmChallenges::Make(options_.fleet)) {
  // Should a default not compile, there is no policy, and everything is denied.
  SetPolicies(PolicySet::Make({}).value_or(PolicySet()));
}

AttestService::AttestService(Appraiser& appraiser, CollateralSource& source,
                             std::vector<TokenSigner> signers, AttestServiceOptions options)
    : AttestService(appraiser, source, std::make_shared<const KeyRing>(std::move(signers)),
                    std::move(options)) {}

void AttestService::SetKeys(std::shared_ptr<const KeyRing> keys) {
  const std::lock_guard lock(keys_mutex_);
  keys_ = std::move(keys);
}

std::shared_ptr<const KeyRing> AttestService::keys() const {
  const std::lock_guard lock(keys_mutex_);
  return keys_;
}

std::vector<TokenSigner> AttestService::PublishedSigners() const {
  return keys()->PublishedAt(options_.clock());
}

void AttestService::SetPolicies(PolicySet policies) {
  auto fresh = std::make_shared<const PolicySet>(std::move(policies));
  const std::lock_guard lock(policies_mutex_);
  policies_ = std::move(fresh);
}

std::shared_ptr<const PolicySet> AttestService::policies() const {
  const std::lock_guard lock(policies_mutex_);
  return policies_;
}

std::string AttestService::MetricsText() const {
  return metrics_->Text() +
         (options_.collateral_metrics ? options_.collateral_metrics() : std::string());
}

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
    const AttestRequest& request, std::initializer_list<const policy::Policy*> demanding) {
  Result<Verdict> verdict = Appraise(request, demanding);
  if (!verdict) return tl::unexpected(FromError(verdict.error()));
  if (!verdict->verified) return tl::unexpected(NotTrusted(verdict->checks));
  if (request.init_time_data) {
    auto refusal =
        CheckInitTime(*request.init_time_data, request.scheme, verdict->verified->claims());
    if (refusal) return tl::unexpected(std::move(*refusal));
  }
  return std::move(*verdict->verified);
}

tl::expected<std::string, ApiError> AttestService::Decide(const AttestRequest& request,
                                                          const VerifiedClaims& verified,
                                                          const policy::Policy* policy,
                                                          TokenContext context) const {
  if (policy == nullptr) {
    policy::Explanation why;
    why.summary = kNoPolicy;
    return tl::unexpected(PolicyDenied(request.type, nullptr, why));
  }
  policy::Evaluation evaluation = Admit(*policy, verified, context);
  if (!evaluation.permitted) {
    return tl::unexpected(PolicyDenied(request.type, policy, evaluation.explanation));
  }
  context.policy = policy->text();
  context.issued = std::move(evaluation.issued);
  const auto token =
      Issue(verified, std::move(context), evaluation.properties, request.draft.has_value());
  if (!token) return tl::unexpected(FromError(token.error()));
  return *token;
}

Result<std::string> AttestService::Issue(const VerifiedClaims& verified, TokenContext context,
                                         const policy::Properties& properties, bool draft) const {
  context.issuer = options_.issuer;
  context.jti = HexEncode(TRY(RandomBytes(32)));
  context.issued_at = options_.clock();
  if (properties.report_validity_in_minutes) {
    context.lifetime_seconds = *properties.report_validity_in_minutes * 60;
  }
  const std::shared_ptr<const KeyRing> keys = this->keys();
  const TokenSigner& signer = keys->SignerAt(context.issued_at);
  const JwsHeader header = HeaderOf(options_.issuer, signer, properties);
  const json::Object claims = MaaClaims(verified.scheme(), verified.claims(), context);
  if (draft) return UnsecuredJws(header, claims);
  return SignJws(signer.key, header, claims);
}

tl::expected<std::string, ApiError> AttestService::Grant(const AttestRequest& request,
                                                         const VerifiedClaims& verified,
                                                         json::Object machine) {
  TokenContext context = ContextOf(request);
  context.machine = std::move(machine);
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const policy = policies->Of(request.type);
  auto token = [&]() -> tl::expected<std::string, ApiError> {
    if (policy != nullptr) return Decide(request, verified, policy, std::move(context));
    const auto issued = Issue(verified, std::move(context), {}, false);
    if (!issued) return tl::unexpected(FromError(issued.error()));
    return *issued;
  }();
  metrics_->CountVerdict(request.scheme, token.has_value());
  return token;
}

Result<std::string> AttestService::SignAs(std::string_view type, const json::Object& claims) const {
  const std::shared_ptr<const KeyRing> keys = this->keys();
  const TokenSigner& signer = keys->SignerAt(options_.clock());
  JwsHeader header = HeaderOf(options_.issuer, signer, {});
  header.typ = type;
  return SignJws(signer.key, header, claims);
}

Result<std::string> AttestService::Sign(json::Object members) const {
  constexpr std::int64_t kLifetimeSeconds = 3600;
  const std::int64_t now = UnixSeconds(options_.clock());
  members.insert(
      members.end(),
      {{"exp", now + kLifetimeSeconds}, {"iat", now}, {"iss", options_.issuer}, {"nbf", now}});
  std::sort(members.begin(), members.end(),
            [](const json::Member& a, const json::Member& b) { return a.first < b.first; });
  const std::shared_ptr<const KeyRing> keys = this->keys();
  const TokenSigner& signer = keys->SignerAt(FromUnixSeconds(now));
  return SignJws(signer.key, HeaderOf(options_.issuer, signer, {}), members);
}

Result<TpmChallenge> AttestService::GiveTpmChallenge() const {
  if (tpm_challenges_ == nullptr) return Fail(ErrorCode::kInternal, "no randomness");
  return tpm_challenges_->Give(options_.clock());
}

monitor::ChallengeState AttestService::UseTpmChallenge(View challenge, View service_context) {
  if (tpm_challenges_ == nullptr) return monitor::ChallengeState::kForeign;
  return tpm_challenges_->Use(challenge, service_context, options_.clock());
}

tl::expected<PolicyComparison, ApiError> AttestService::Compare(const AttestRequest& request,
                                                                const policy::Policy& draft) {
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const in_force = policies->Of(request.type);
  const tl::expected<VerifiedClaims, ApiError> verified = Judge(request, {in_force, &draft});
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
                           const tl::expected<std::string, ApiError>& answer) const {
  if (!options_.record || request.draft) return;
  if (answer || answer.error().code == kPolicyDenied) options_.record(request.type, body);
}

tl::expected<std::string, ApiError> AttestService::Attest(const AttestRequest& request) {
  std::optional<policy::Policy> draft;
  if (request.draft) {
    auto compiled = policy::Policy::Compile(*request.draft);
    if (!compiled) return tl::unexpected(PolicyDoesNotCompile(compiled.error()));
    draft = std::move(*compiled);
  }
  const std::shared_ptr<const PolicySet> policies = this->policies();
  const policy::Policy* const policy = draft ? &*draft : policies->Of(request.type);
  const tl::expected<VerifiedClaims, ApiError> verified = Judge(request, {policy});
  auto token = verified ? Decide(request, *verified, policy, ContextOf(request))
                        : tl::unexpected(verified.error());
  if (draft) return token;
  metrics_->CountVerdict(request.scheme, token.has_value());
  return token;
}

}  // namespace assay
