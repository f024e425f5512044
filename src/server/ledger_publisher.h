// Publishes a ledger: a thread that asks the witnesses for cosignatures of each new checkpoint.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "ledger/ledger.h"
#include "witness/publication.h"

namespace assay {

struct WitnessAddress {
  ledger::NoteVerifier key;
  std::string url;  // its submission prefix
};

struct LedgerPublisherOptions {
  std::vector<WitnessAddress> witnesses;
  std::size_t quorum = 0;
  std::string ca_file;  // PEM of the CA to trust for witnesses; empty: the system's
  // For the log.
  std::function<void(std::string_view event, json::Object fields)> log;
};

// "VKEY URL", as the lines of C2SP tlog-policy end.
Result<WitnessAddress> ParseWitnessAddress(std::string_view text);

// One thread, from Start to Stop. Ledger and store outlive it.
class LedgerPublisher {
 public:
  static Result<std::unique_ptr<LedgerPublisher>> Make(ledger::Ledger& ledger, store::Store& store,
                                                       LedgerPublisherOptions options);
  ~LedgerPublisher() { Stop(); }

  const witness::Quorum& quorum() const { return quorum_; }
  void Start();
  void Stop();
  // What the thread does again and again: publishes the newest checkpoint, if it is not published
  // yet. False: it still is not.
  bool PublishNewest();

 private:
  LedgerPublisher(ledger::Ledger& ledger, store::Store& store, LedgerPublisherOptions options,
                  witness::Quorum quorum);
  void Run();
  Result<void> Publish(const std::string& note);
  void Report(std::string what, std::string hint);

  ledger::Ledger& ledger_;
  store::Store& store_;
  const LedgerPublisherOptions options_;
  const witness::Quorum quorum_;
  std::vector<witness::WitnessPeer> peers_;  // of the thread
  std::string published_;                    // of the thread: the signed checkpoint, as signed
  std::string reported_;                     // of the thread: what was logged last
  std::mutex mutex_;                         // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace assay
