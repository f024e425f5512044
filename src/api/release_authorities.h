// The authorities of key releases: this service's own providers, whose keys are at hand, and the
// issuers that its administrator named.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/bearer.h"
#include "api/attest_service.h"
#include "api/provider_host.h"
#include "release/authority_keys.h"

namespace assay {

class ReleaseAuthorities final : public release::AuthorityKeys {
 public:
  // The services outlive it; `providers` may be null. An issuer of `outside` that is one of this
  // service's own is the own one.
  ReleaseAuthorities(const AttestService& shared, ProviderHost* providers,
                     std::vector<access::TrustedIssuer> outside)
      : shared_(shared), providers_(providers), outside_(std::move(outside)) {}

  bool Trusts(const std::string& issuer) const override;
  Result<VerificationKey> Find(const std::string& issuer, const std::string& kid) override;

  // The own provider of that issuer; null if it is of another service, or there is no such provider
  // (any more).
  Result<std::shared_ptr<const AttestService>> OwnProvider(const std::string& issuer) const;
  // Requests under way end by the authorities they began with.
  void Replace(std::vector<access::TrustedIssuer> outside);

 private:
  // The name in the path of an issuer that could be an own provider's; empty: it is another's.
  std::string_view ProviderNameIn(std::string_view issuer) const;
  std::shared_ptr<access::IssuerKeys> OutsideKeys(const std::string& issuer) const;

  const AttestService& shared_;
  ProviderHost* const providers_;
  mutable std::mutex mutex_;  // guards outside_; never held while keys are looked for
  std::vector<access::TrustedIssuer> outside_;
};

}  // namespace assay
