// Proofs that carry the checkpoint of their tree.
#include "ledger/proof_document.h"

#include <gtest/gtest.h>

#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

class ProofAtCheckpoint : public ::testing::Test {
 protected:
  ProofAtCheckpoint() {
    AppendTests(*ledger_, 10);
    note_ = ledger_->signed_checkpoint();
    AppendTests(*ledger_, 300);
  }
  ErrorCode RefusalOf(const EntryProof& proof) {
    const auto verified = VerifyEntryProof(proof, ledger_->verifier());
    return verified ? ErrorCode::kInternal : verified.error().code;
  }

  ObservedStore store_;
  std::unique_ptr<Ledger> ledger_ = Ledger::Open(store_, TestKeys()).value();
  std::string note_;
};

TEST_F(ProofAtCheckpoint, LeadsToThatTreeAlsoWhenItHasGrown) {
  const EntryProof given = ledger_->ProveAt(3, note_).value();
  const EntryProof proof = ParseEntryProof(WriteEntryProof(given)).value();
  EXPECT_EQ(proof.checkpoint, note_);
  const VerifiedEntry verified = VerifyEntryProof(proof, ledger_->verifier()).value();
  EXPECT_EQ(verified.inclusion.index, 3U);
  EXPECT_EQ(verified.inclusion.tree.size, 10U);
  EXPECT_EQ(verified.record->subject, "machine 3");
}

TEST_F(ProofAtCheckpoint, CoversNothingBehindIt) {
  EXPECT_TRUE(ledger_->ProveAt(9, note_));
  EXPECT_EQ(ledger_->ProveAt(10, note_).error().code, ErrorCode::kMissing);
}

TEST_F(ProofAtCheckpoint, IsNotGivenForAForeignOne) {
  ObservedStore store;
  LedgerKeys keys = TestKeys();
  keys.signing = Ed25519Key::FromSeed(Bytes(32, std::byte{8})).value();
  const auto other = Ledger::Open(store, std::move(keys)).value();
  AppendTests(*other, 10);
  EXPECT_EQ(ledger_->ProveAt(3, other->signed_checkpoint()).error().code,
            ErrorCode::kInvalidArgument);
}

// Receipt and checkpoint are both good, each by itself.
TEST_F(ProofAtCheckpoint, IsRefusedWithTheCheckpointOfAnotherTree) {
  EntryProof proof = ledger_->ProveAt(3, note_).value();
  proof.checkpoint = ledger_->signed_checkpoint();
  EXPECT_EQ(RefusalOf(proof), ErrorCode::kInvalidArgument);

  ObservedStore store;
  const auto fork = Ledger::Open(store, TestKeys()).value();
  AppendTests(*fork, 10);
  proof.checkpoint = fork->signed_checkpoint();
  EXPECT_EQ(RefusalOf(proof), ErrorCode::kInvalidArgument) << "of the same size, by the same key";
}

TEST_F(ProofAtCheckpoint, IsRefusedWithAChangedOne) {
  const EntryProof proof = ledger_->ProveAt(3, note_).value();
  for (std::size_t i = 0; i < note_.size(); ++i) {
    EntryProof changed = proof;
    changed.checkpoint[i] = static_cast<char>(changed.checkpoint[i] ^ 1);
    EXPECT_FALSE(VerifyEntryProof(changed, ledger_->verifier())) << i;
  }
}

}  // namespace
}  // namespace assay::ledger
