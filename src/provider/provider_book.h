// Providers and what belongs to them, in the store. Every change names what it was decided on, and
// is refused (kConflict) when that is no longer so: a certificate that was removed meanwhile cannot
// change a policy, and of two changes at once one is told to look again.
//
//   provider/NAME              the provider; written again by each change of what is below
//   certificates/NAME          DER in base64, a list
//   policy/NAME/TYPE           the revision in force
//   history/NAME/TYPE/NUMBER   the revisions before it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "policy/claim_table.h"
#include "provider/provider.h"
#include "store/store.h"

namespace assay {

// A provider as it was read.
struct ProviderState {
  Provider provider;
  std::uint64_t version = 0;                 // moves with every change of anything of this provider
  std::vector<CertificatePtr> certificates;  // that may manage it; empty unless isolated
};

// A policy as it was set, or that it was reset.
struct Revision {
  std::uint64_t number = 0;  // from 1
  std::string token;         // as it came; empty: reset, the default is in force
  Time at{};
  std::uint64_t version = 0;  // of its entry
};

// Holds nothing but a reference: make one where it is needed.
class ProviderBook {
 public:
  explicit ProviderBook(store::Store& store) : store_(store) {}

  // An isolated provider needs a certificate, others may have none.
  Result<void> Create(const Provider& provider, const std::vector<CertificatePtr>& certificates);
  Result<std::vector<Provider>> List();
  Result<std::optional<ProviderState>> Find(std::string_view name);
  // With its policies, their history and its certificates.
  Result<void> Delete(std::string_view name);

  Result<std::optional<Revision>> Policy(std::string_view name, policy::AttestationType type);
  // The newest first, the one in force included.
  Result<std::vector<Revision>> History(std::string_view name, policy::AttestationType type);
  // An empty token resets. `before` is the revision that the decision was made on.
  Result<Revision> SetPolicy(const ProviderState& state, policy::AttestationType type,
                             const std::optional<Revision>& before, std::string token, Time now);

  // Both leave the list as it is when there is nothing to do. The last one cannot be removed.
  Result<void> AddCertificate(const ProviderState& state, const CertificatePtr& certificate);
  Result<void> RemoveCertificate(const ProviderState& state, const CertificatePtr& certificate);

 private:
  store::Store& store_;
};

}  // namespace assay
