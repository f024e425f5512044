// Key releases of a vault: release/ with the authorities, machines and nonces of this service.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "api/release_authorities.h"
#include "api/release_witness.h"
#include "release/answer.h"

namespace assay {

struct KeyReleaseRules {
  std::vector<access::TrustedIssuer> authorities;  // besides the own providers
  release::TokenRules tokens;
};

// Safe for concurrent use.
class KeyReleases {
 public:
  // All but the rest outlive it; `providers` and `machines` may be null.
  KeyReleases(const AttestService& shared, ProviderHost* providers, MachineService* machines,
              store::Store& nonces, Clock clock, release::AnswerSigner signer,
              KeyReleaseRules rules);

  Result<release::Decision> Decide(const release::ReleaseRequest& request,
                                   const release::KeyStanding& key);
  const release::AnswerSigner& signer() const { return signer_; }
  // Requests under way end by the rules they began with.
  void Replace(KeyReleaseRules rules);

 private:
  const Clock clock_;
  const release::AnswerSigner signer_;
  ReleaseAuthorities authorities_;
  ReleaseWitness witness_;
  std::mutex mutex_;  // guards tokens_; held to copy the pointer only
  std::shared_ptr<const release::TokenRules> tokens_;
};

}  // namespace assay
