// What the resources of Azure Confidential Ledger's interface share.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "ledger/ledger.h"

namespace assay {

struct AzureLedgerService {
  ledger::Ledger& ledger;
  const ledger::NodeIdentity& node;  // signs receipts
  std::string id;                    // by which clients ask for its identity
  // PEM: the certificate of its service first; under these, TLS connections to it verify.
  std::string certificates;
  std::function<Time()> clock;
  // Told what clients are not: why something inside failed. May be empty.
  std::function<void(const std::string& message)> report;
};

}  // namespace assay
