// Decisions on the record: each is an entry of the ledger before it is answered.
//
//   ledger::Record record;                       // what was decided; about what, for whom
//   const auto place = decisions.Write(record);  // durable; or the error to answer instead
//
// Time, and the digests of the program and of its configuration, are filled in here.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "access/gate.h"
#include "api/error.h"
#include "ledger/ledger.h"
#include "net/http_server.h"

namespace assay {

// Where a decision stands: in tokens ("x-assay-ledger") and refusals, so that whoever holds one can
// ask for the receipt, and hold it against the leaf.
struct LedgerPlace {
  std::string origin;
  std::uint64_t index = 0;
  ledger::Hash leaf{};  // the hash of the leaf (RFC 9162 §2.1.1)
};
json::Object PlaceJson(const LedgerPlace& place);

struct DecisionLogOptions {
  std::function<Time()> clock;
  Sha256Digest build{};  // of the program
  // Told why something could not be recorded. May be empty.
  std::function<void(const std::string& message)> report;
};

class DecisionLog;

// A decision that is being put on the record. Not safe for concurrent use; the log outlives it.
class Recording {
 public:
  // Calls it once, when it is known whether the decision is durable: at once, or from another
  // thread, which it must not hold up.
  void Then(std::function<void()> call) { entering_.Then(std::move(call)); }
  // Waits until then; 503 when it could not be recorded. To be asked once.
  tl::expected<LedgerPlace, ApiError> Place();

 private:
  friend class DecisionLog;
  Recording(const DecisionLog& log, ledger::Entering entering)
      : log_(&log), entering_(std::move(entering)) {}

  const DecisionLog* log_;
  ledger::Entering entering_;
};

// Safe for concurrent use. The ledger outlives it.
class DecisionLog {
 public:
  DecisionLog(ledger::Ledger& ledger, DecisionLogOptions options)
      : ledger_(ledger), options_(std::move(options)) {}

  // 503 when it could not be recorded: then the decision must not be answered.
  tl::expected<LedgerPlace, ApiError> Write(ledger::Record record) const;
  // The same without waiting for it.
  tl::expected<Recording, ApiError> Begin(ledger::Record record) const;
  // The same of the service itself, whose texts are not cut to what a record commonly holds.
  tl::expected<LedgerPlace, ApiError> WriteWhole(ledger::Record record) const;

  // What later records name as the configuration of the program.
  void SetConfiguration(const Sha256Digest& digest);
  Sha256Digest configuration() const;
  const Sha256Digest& build() const { return options_.build; }

  ledger::Ledger& ledger() const { return ledger_; }

 private:
  friend class Recording;
  ledger::Record Complete(ledger::Record record) const;
  ApiError NotRecorded(const Error& error) const;

  ledger::Ledger& ledger_;
  const DecisionLogOptions options_;
  mutable std::mutex mutex_;  // guards configuration_
  Sha256Digest configuration_{};
};

// "token https://login.example alice"; empty for anybody.
std::string ActorOf(const access::Principal& who);

// An act of management that was answered so: on the record before the answer goes out. What changed
// nothing, and was not forbidden, is none. Null `decisions`: the answer as it is.
HttpResponse RecordAct(const DecisionLog* decisions, ledger::RecordKind kind,
                       const access::Principal& who, const HttpRequest& request,
                       HttpResponse answer);

}  // namespace assay
