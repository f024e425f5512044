// What a running service needs to answer clients of Azure Confidential Ledger: the identity of its
// node, and the certificates that clients are to trust.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/azure_ledger_service.h"

namespace assay {

struct AzureLedgerOptions {
  std::string state_dir;
  std::string id;  // by which clients ask for the ledger's identity
  std::string
      tls_certificates;  // of TLS: a PEM file, leaf first; empty: the folder's authority's own
  std::function<Time()> clock;
  std::function<void(const std::string& message)> report;
};

// The folder's authority is the service of the ledger, as Azure has it: one certificate that both
// TLS and receipts verify under. Its node signs receipts with ledger-node.key.
Result<ledger::NodeIdentity> OpenLedgerNode(const std::string& state_dir, Time start);

class ServiceAzureLedger {
 public:
  static Result<std::unique_ptr<ServiceAzureLedger>> Open(AzureLedgerOptions options,
                                                          ledger::Ledger& ledger);
  AzureLedgerService& service() { return service_; }

 private:
  ServiceAzureLedger(AzureLedgerOptions options, ledger::Ledger& ledger, ledger::NodeIdentity node,
                     std::string certificates);

  const ledger::NodeIdentity node_;
  AzureLedgerService service_;
};

}  // namespace assay
