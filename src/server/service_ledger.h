// The ledger of a running service: its store and keys in the state folder.
//
//   ledger.db           entries, tiles, checkpoints (ledger/book.h)
//   ledger.origin       its name in checkpoints, for good
//   ledger-signing.key  the seed of the Ed25519 key that signs checkpoints and receipts
//   ledger-data.key     under which bodies rest
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/ledger_service.h"
#include "server/ledger_publisher.h"
#include "store/store.h"

namespace assay {

struct ServiceLedgerOptions {
  std::string state_dir;
  std::string origin;  // of a ledger that is made now; one that is there keeps its own
  std::function<Time()> clock;
  // For the log.
  std::function<void(std::string_view event, json::Object fields)> log;
  LedgerPublisherOptions publisher = {};  // its witnesses; their `log` is the one above
};

class ServiceLedger {
 public:
  static Result<std::unique_ptr<ServiceLedger>> Open(const ServiceLedgerOptions& options);

  LedgerService& service() { return *service_; }
  // A thread that publishes, where there are witnesses; until Stop.
  void Start() { publisher_->Start(); }
  void Stop() { publisher_->Stop(); }

  // Puts on the record that the program runs under that configuration from now on; each record
  // from then on names its digest.
  Result<void> Configured(std::string_view event, const json::Object& configuration);

 private:
  ServiceLedger(std::unique_ptr<store::Store> store, std::unique_ptr<ledger::Ledger> ledger)
      : store_(std::move(store)), ledger_(std::move(ledger)) {}

  const std::unique_ptr<store::Store> store_;
  const std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<LedgerPublisher> publisher_;
  std::unique_ptr<LedgerService> service_;
};

// An act of somebody who works on the state folder itself, whether a service runs on it or not.
// Nothing where the folder has no ledger.
Result<void> RecordLocalAct(const std::string& state_dir, const std::string& subject,
                            const json::Object& detail, Time now,
                            ledger::RecordKind kind = ledger::RecordKind::kAdministration);

}  // namespace assay
