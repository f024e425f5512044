// The ledger: every decision on the record, in the order in which it was decided.
//
//   const auto ledger = TRY(Ledger::Open(store, {"example.com/ledger", key, data_key}));
//   const std::uint64_t index = TRY(ledger->Append(record));   // durable when it returns
//   const EntryProof proof = TRY(ledger->Prove(index));        // convinces without a server
#pragma once

#include <memory>

#include "ledger/applications.h"
#include "ledger/ccf_receipt.h"
#include "ledger/proof_document.h"
#include "ledger/record.h"
#include "ledger/sequencer.h"

namespace assay::ledger {

struct LedgerKeys {
  std::string origin;  // names the ledger in checkpoints, for good
  Ed25519Key signing;
  SecretBytes data;  // kDataKeyBytes: bodies rest under it
};

// Where an entry stands; the hash of its leaf lets others hold the place against a receipt.
struct Entered {
  std::uint64_t index = 0;
  Hash leaf{};
};

// What a decision says, for who may read it. Neither: an application wrote the entry, and it is for
// the ledger's users (ledger/applications.h).
struct LedgerEntry {
  Time time{};
  std::optional<Record> record;
  std::optional<std::uint64_t> redacted_by;  // the index of the entry that redacts it
};

// An entry that is on its way. Not safe for concurrent use.
class Entering {
 public:
  // Calls it once, when it is known whether the entry is durable: at once, or from another thread,
  // which it must not hold up.
  void Then(std::function<void()> call) { pending_->Then(std::move(call)); }
  // Waits until then. To be asked once.
  Result<Entered> Done();

 private:
  friend class Ledger;
  explicit Entering(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}

  std::shared_ptr<Pending> pending_;
};

// Safe for concurrent use, also by other processes on the same store. The store outlives it.
class Ledger {
 public:
  // Makes the ledger when the store has none. kMalformed when the store's tree is not the one that
  // its checkpoint signs; kInvalidArgument when it is of another origin or key.
  static Result<std::unique_ptr<Ledger>> Open(store::Store& store, LedgerKeys keys);

  // Once the entry is durable.
  Result<Entered> Enter(const Record& record);
  // The same without waiting for it.
  Result<Entering> BeginEntry(const Record& record);
  // The index alone.
  Result<std::uint64_t> Append(const Record& record);
  Result<std::uint64_t> Append(const ApplicationEntry& entry);
  // From now on the user has these roles; that it is so is an entry.
  Result<std::uint64_t> SetUser(const LedgerUser& user, std::string actor, Time time);
  // Takes the body of an entry away for good, and records who did so and why. Proofs stay. The
  // index of that record.
  Result<std::uint64_t> Redact(std::uint64_t index, std::string actor, std::string reason,
                               Time time);

  // The last checkpoint of which this process knows. Refresh asks the store.
  Checkpoint checkpoint() const { return sequencer_.published().checkpoint; }
  std::string signed_checkpoint() const { return sequencer_.published().note; }
  Result<void> Refresh() { return sequencer_.Refresh(); }
  const NoteVerifier& verifier() const { return log_; }

  // For a service that appends while it answers requests: commits wait a little for more entries
  // while all of its processors are busy (ledger/sequencer.h). `busy` must be callable until it is
  // replaced; null: they do not wait.
  void GatherWhile(std::function<bool()> busy) { sequencer_.GatherWhile(std::move(busy)); }
  void Hurry() { sequencer_.Hurry(); }

  const Applications& applications() const { return applications_; }

  // Without a proof.
  Result<LedgerEntry> Read(std::uint64_t index) const;
  // A receipt at the last checkpoint, with what it is about; the record is left out when the entry
  // is redacted. Verified before it is given.
  Result<EntryProof> Prove(std::uint64_t index);
  // The same at an older checkpoint of this ledger, a signed note, which goes along with what else
  // it carries. kMissing when it does not cover the entry.
  Result<EntryProof> ProveAt(std::uint64_t index, std::string note);
  // The same in the second tree; what signs it is not the ledger's (ledger/ccf_receipt.h).
  Result<CcfProof> ProveCcf(std::uint64_t index);
  // That the last checkpoint continues the tree of `first` leaves, as a COSE receipt.
  Result<Bytes> ProveConsistency(std::uint64_t first);

 private:
  Ledger(store::Store& store, NoteVerifier log, LedgerKeys keys, Head head);
  Result<EntryProof> ProveIn(const Checkpoint& tree, std::uint64_t index);
  Result<Bytes> Receipt(const Checkpoint& at, const Hash& leaf, std::uint64_t index);
  Result<Entering> BeginBody(Time time, View body, EntryRows rows, const ClaimsOf& claims);
  Result<Entered> AppendBody(Time time, View body, EntryRows rows, const ClaimsOf& claims);
  Result<std::vector<Hash>> ListsOfEntry(std::uint64_t index);

  store::Store& store_;
  const NoteVerifier log_;
  const Ed25519Key key_;
  const SecretBytes data_key_;
  const Applications applications_{store_, data_key_};
  Sequencer sequencer_;
};

}  // namespace assay::ledger
