// The attestation service: its parts, opened in their order, and what a running one does on SIGHUP.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/router.h"
#include "appraise/appraise.h"
#include "net/http_server.h"
#include "provider/evidence_book.h"
#include "server/serve.h"
#include "server/service_access.h"
#include "server/service_azure_ledger.h"
#include "server/service_collateral.h"
#include "server/service_keys.h"
#include "server/service_ledger.h"
#include "server/service_machines.h"
#include "store/store.h"

namespace assay {

class RunningService {
 public:
  // Listens when it returns. The options outlive it.
  static Result<std::unique_ptr<RunningService>> Open(const ServeOptions& options);
  ~RunningService();
  RunningService(const RunningService&) = delete;
  RunningService& operator=(const RunningService&) = delete;

  // Prints what the operator and clients should know.
  void Announce() const;
  // Policies, keys, access rules, TLS certificate, collateral: what cannot be read stays as it is.
  void Reload();

 private:
  explicit RunningService(const ServeOptions& options);
  Result<void> OpenParts();
  Result<void> OpenService();
  Result<void> Listen();
  Result<std::unique_ptr<KeyReleases>> OpenReleases();
  // Opened, and on the record before one of them signs.
  Result<std::shared_ptr<const KeyRing>> OpenTokenKeysOf(const std::string& folder,
                                                         const std::string& issuer);
  Result<std::shared_ptr<AttestService>> MakeProvider(const Provider& provider);
  // How the service runs, the keys that its tokens are checked with, and its own evidence.
  Result<void> Introduce();
  Result<void> ShowOwnEvidence();
  LedgerService* record() const { return ledger_ ? &ledger_->service() : nullptr; }
  void ReloadPolicies();
  void ReloadKeys();

  const ServeOptions& options_;
  const std::string issuer_;
  Appraiser appraiser_;
  ServiceCollateral collateral_;
  // In the order in which they are opened; those that ask others are destroyed before them.
  std::unique_ptr<ServiceAccess> access_;
  ServiceState state_;
  std::unique_ptr<store::Store> provider_store_, evidence_store_;
  std::unique_ptr<ServiceLedger> ledger_;             // null: nothing is put on the record
  std::unique_ptr<ServiceAzureLedger> azure_ledger_;  // likewise
  std::unique_ptr<ServiceMachines> machines_;
  std::unique_ptr<ServiceKeys> keys_;  // null: there is no vault
  std::optional<EvidenceBook> evidence_;
  AttestServiceOptions shared_;  // what all providers have in common
  std::optional<ProviderHost> providers_;
  std::unique_ptr<AttestService> service_;
  std::optional<Site> site_;
  std::unique_ptr<KeyReleases> releases_;  // null: there is no vault
  std::unique_ptr<HttpServer> server_;
};

}  // namespace assay
