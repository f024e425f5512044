#include "api/attest_service.h"

#include <algorithm>
#include <utility>

#include "api/denial.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "token/jws.h"
#include "token/maa_claims.h"

namespace assay {

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

// Unless the policy says, the header names the key only, as recorded tokens of Azure do.
JwsHeader AttestService::HeaderFor(const TokenSigner& signer,
                                   const policy::Properties& properties) const {
  JwsHeader out{options_.issuer + "/certs", KeyId(*signer.certificate), {}, {}};
  if (!properties.omit_x5c) return out;
  const View der = signer.certificate->der();
  if (*properties.omit_x5c) {
    out.x5t = Base64UrlEncode(Sha1(der));
  } else {
    out.x5c = {Base64Encode(der)};
  }
  return out;
}

Result<std::string> AttestService::SignAs(std::string_view type, const json::Object& claims) const {
  const std::shared_ptr<const KeyRing> keys = this->keys();
  const TokenSigner& signer = keys->SignerAt(options_.clock());
  JwsHeader header = HeaderFor(signer, {});
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
  return SignJws(signer.key, HeaderFor(signer, {}), members);
}

Result<TpmChallenge> AttestService::GiveTpmChallenge() const {
  if (tpm_challenges_ == nullptr) return Fail(ErrorCode::kInternal, "no randomness");
  return tpm_challenges_->Give(options_.clock());
}

monitor::ChallengeState AttestService::UseTpmChallenge(View challenge, View service_context) {
  if (tpm_challenges_ == nullptr) return monitor::ChallengeState::kForeign;
  return tpm_challenges_->Use(challenge, service_context, options_.clock());
}

}  // namespace assay
