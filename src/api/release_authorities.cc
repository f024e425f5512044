#include "api/release_authorities.h"

#include <algorithm>

#include "provider/provider.h"
#include "token/jwks.h"

namespace assay {
namespace {

constexpr std::string_view kProviderPath = "/providers/";

// Of those that a provider publishes now: a token under another is as good as unsigned.
Result<VerificationKey> PublishedKey(const AttestService& service, const std::string& kid) {
  for (const TokenSigner& signer : service.PublishedSigners()) {
    if (KeyId(*signer.certificate) != kid) continue;
    const auto algorithm = JwsAlgorithmOf(signer.key.alg());
    if (!algorithm) return Fail(ErrorCode::kInternal, "a token key of an unknown algorithm");
    return VerificationKey{kid, signer.certificate->key(), {*algorithm}};
  }
  return Fail(ErrorCode::kMissing, "the provider has no such key");
}

}  // namespace

std::string_view ReleaseAuthorities::ProviderNameIn(std::string_view issuer) const {
  const std::string& own = shared_.issuer();
  if (issuer == own) return kSharedProvider;
  if (!issuer.starts_with(own)) return {};
  issuer.remove_prefix(own.size());
  if (!issuer.starts_with(kProviderPath)) return {};
  issuer.remove_prefix(kProviderPath.size());
  return providers_ != nullptr && IsProviderName(issuer) && issuer != kSharedProvider
             ? issuer
             : std::string_view();
}

Result<std::shared_ptr<const AttestService>> ReleaseAuthorities::OwnProvider(
    const std::string& issuer) const {
  const std::string_view name = ProviderNameIn(issuer);
  if (name.empty()) return std::shared_ptr<const AttestService>();
  if (name == kSharedProvider) {
    return std::shared_ptr<const AttestService>(std::shared_ptr<const AttestService>(), &shared_);
  }
  std::shared_ptr<const AttestService> out = TRY(providers_->Find(name));
  return out;
}

std::shared_ptr<access::IssuerKeys> ReleaseAuthorities::OutsideKeys(
    const std::string& issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(
      outside_.begin(), outside_.end(),
      [&issuer](const access::TrustedIssuer& one) { return one.rule.issuer == issuer; });
  return found != outside_.end() ? found->keys : nullptr;
}

bool ReleaseAuthorities::Trusts(const std::string& issuer) const {
  return !ProviderNameIn(issuer).empty() || OutsideKeys(issuer) != nullptr;
}

Result<VerificationKey> ReleaseAuthorities::Find(const std::string& issuer,
                                                 const std::string& kid) {
  if (!ProviderNameIn(issuer).empty()) {
    const std::shared_ptr<const AttestService> own = TRY(OwnProvider(issuer));
    if (own == nullptr) return Fail(ErrorCode::kMissing, "there is no such provider");
    return PublishedKey(*own, kid);
  }
  const std::shared_ptr<access::IssuerKeys> keys = OutsideKeys(issuer);
  if (keys == nullptr) return Fail(ErrorCode::kMissing, "the authority is trusted no more");
  return keys->Find(kid);
}

void ReleaseAuthorities::Replace(std::vector<access::TrustedIssuer> outside) {
  const std::lock_guard lock(mutex_);
  outside_ = std::move(outside);
}

}  // namespace assay
