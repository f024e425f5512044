// A ledger in memory beside a service, and what is read back from it.
#pragma once

#include <future>

#include "api/ledger_service.h"
#include "ledger/testing_ledger.h"
#include "service/simulated_service.h"

namespace assay {

class RecordedLedger {
 public:
  LedgerService& service() { return service_; }
  std::uint64_t size() const { return ledger_->checkpoint().size; }

  ledger::Record Last() const { return *ledger_->Read(size() - 1).value().record; }

  // The store takes nothing any more.
  void Break() {
    store_.before_commit = []() -> Result<void> {
      return Fail(ErrorCode::kIo, "the disk is full");
    };
  }
  void Mend() { store_.before_commit = nullptr; }
  // What is recorded from now on becomes durable once `done`.
  void HoldUp(std::shared_future<void> done) {
    store_.before_commit = [done = std::move(done)]() -> Result<void> {
      done.wait();
      return {};
    };
  }

  // What an answer of /ledger/... proves.
  Result<ledger::VerifiedEntry> Verify(const std::string& proof) const {
    auto parsed = ledger::ParseEntryProof(proof);
    if (!parsed) return tl::unexpected(parsed.error());
    return ledger::VerifyEntryProof(*parsed, ledger_->verifier());
  }

 private:
  ledger::ObservedStore store_;
  std::unique_ptr<ledger::Ledger> ledger_ =
      ledger::Ledger::Open(store_, ledger::TestKeys()).value();
  LedgerService service_{
      *ledger_,
      {[] { return FromUnixSeconds(kTokenTime); }, Sha256(AsBytes("build")), {}},
      LedgerTree(store_, ledger_->verifier(), {}, [this] { return ledger_->signed_checkpoint(); })};
};

}  // namespace assay
