#include "api/key_releases.h"

#include <utility>

namespace assay {

KeyReleases::KeyReleases(const AttestService& shared, ProviderHost* providers,
                         MachineService* machines, store::Store& nonces, Clock clock,
                         release::AnswerSigner signer, KeyReleaseRules rules)
    : clock_(clock),
      signer_(std::move(signer)),
      authorities_(shared, providers, std::move(rules.authorities)),
      witness_(authorities_, machines, nonces, std::move(clock)),
      tokens_(std::make_shared<const release::TokenRules>(std::move(rules.tokens))) {}

Result<release::Decision> KeyReleases::Decide(const release::ReleaseRequest& request,
                                              const release::KeyStanding& key) {
  std::shared_ptr<const release::TokenRules> tokens;
  {
    const std::lock_guard lock(mutex_);
    tokens = tokens_;
  }
  return release::DecideRelease(request, key, {authorities_, witness_, *tokens}, clock_());
}

void KeyReleases::Replace(KeyReleaseRules rules) {
  authorities_.Replace(std::move(rules.authorities));
  auto fresh = std::make_shared<const release::TokenRules>(std::move(rules.tokens));
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(fresh);
}

}  // namespace assay
