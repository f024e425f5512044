#include "api/ledger_service.h"

#include <gtest/gtest.h>

#include "ledger/testing_ledger.h"
#include "witness/testing_log.h"

namespace assay {
namespace {

class WitnessedLedger : public ::testing::Test {
 protected:
  WitnessedLedger() { ledger::AppendTests(*ledger_, 10); }
  std::string Publish() {
    ledger::Note note = ledger::ParseNote(ledger_->signed_checkpoint()).value();
    note.signatures.push_back(
        ledger::CosignNote("w", witness::TestKey(0), note.text, FromUnixSeconds(1)).value());
    EXPECT_TRUE(WritePublication(store_, ledger_->verifier(), quorum_, WriteNote(note)));
    return WriteNote(note);
  }

  ledger::ObservedStore store_;
  std::unique_ptr<ledger::Ledger> ledger_ =
      ledger::Ledger::Open(store_, ledger::TestKeys()).value();
  witness::Quorum quorum_{
      {{"w", ledger::NoteKeyKind::kCosignatureV1, witness::TestKey(0).Public()}}, 1};
  LedgerService service_{*ledger_, {}, LedgerTree(store_, ledger_->verifier(), quorum_, [this] {
                           return ledger_->signed_checkpoint();
                         })};
};

TEST_F(WitnessedLedger, ProvesByWhatWasCosignedWhereThatCoversTheEntry) {
  EXPECT_EQ(service_.Prove(3)->checkpoint, "") << "nothing has been cosigned";
  const std::string note = Publish();
  ledger::AppendTests(*ledger_, 1);
  const ledger::EntryProof proof = service_.Prove(3).value();
  EXPECT_EQ(proof.checkpoint, note);
  EXPECT_EQ(VerifyEntryProof(proof, ledger_->verifier())->inclusion.tree.size, 10U);
  const ledger::EntryProof newest = service_.Prove(10).value();
  EXPECT_EQ(newest.checkpoint, "") << "it is not covered yet";
  EXPECT_TRUE(VerifyEntryProof(newest, ledger_->verifier()));
  EXPECT_EQ(service_.Prove(11).error().code, ErrorCode::kMissing);
}

TEST_F(WitnessedLedger, ProvesByTheNewestCheckpointWithoutWitnesses) {
  Publish();
  LedgerService alone(*ledger_, {}, LedgerTree(store_, ledger_->verifier(), {}, [] { return ""; }));
  EXPECT_EQ(alone.Prove(3)->checkpoint, "");
}

}  // namespace
}  // namespace assay
