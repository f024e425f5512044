// The access rules of a running service: read at start, read again on SIGHUP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/gate.h"
#include "api/key_releases.h"

namespace assay {

struct ServiceAccessOptions {
  std::string file;  // empty: everybody may attest, nobody may manage
  bool insecure_open_management = false;
  std::function<Time()> clock;
};

class ServiceAccess {
 public:
  static Result<std::unique_ptr<ServiceAccess>> Open(ServiceAccessOptions options,
                                                     access::KeySources sources);

  // For the router; this object outlives it.
  Gate AsGate() const;
  const std::string& client_ca() const { return client_ca_; }  // empty: ask for no certificate
  // Requests that may wait for token issuers at a time.
  std::size_t waiting_threads() const { return waiting_threads_; }
  // What the operator should know at start, a line each.
  std::vector<std::string> Summary() const;
  // On error the rules in force stay.
  Result<void> Reload();
  // Whose tokens release keys, now.
  const KeyReleaseRules& release_rules() const { return release_rules_; }
  // To be told on each reload; outlives this object's last Reload.
  void Tell(KeyReleases& releases) { releases_ = &releases; }

 private:
  ServiceAccess(ServiceAccessOptions options, access::KeySources sources, access::AccessFile file,
                std::vector<access::TrustedIssuer> issuers, KeyReleaseRules release_rules);

  const ServiceAccessOptions options_;
  const access::KeySources sources_;
  const std::string client_ca_;
  const std::size_t waiting_threads_;
  const bool open_attestation_;  // at the root provider, at start
  access::Gate gate_;
  KeyReleaseRules release_rules_;
  KeyReleases* releases_ = nullptr;
};

}  // namespace assay
