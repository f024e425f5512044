#include "ledger/ledger.h"

#include <fmt/format.h>

namespace assay::ledger {
namespace {

// A first checkpoint, of the empty tree: from now on the store is this ledger's.
Result<Head> MakeLedger(store::Store& store, const NoteVerifier& log, const LedgerKeys& keys) {
  Head out;
  out.checkpoint = {keys.origin, 0, EmptyRoot(), {}};
  out.note = TRY(SignCheckpoint(out.checkpoint, keys.signing));
  out.ccf.checkpoint = {CcfVerifierOf(log).name, 0, EmptyRoot(), {}};
  out.ccf.note = TRY(SignCheckpoint(out.ccf.checkpoint, keys.signing));
  store::Batch batch;
  batch.expectations.push_back({HeadKey(), 0});
  batch.puts.push_back({VerifierKey(), ToBytes(AsBytes(log.ToText()))});
  batch.puts.push_back({HeadKey(), EncodeHeadRow({0, out.note, out.ccf.note})});
  batch.puts.push_back({CheckpointKey(0), ToBytes(AsBytes(out.note))});
  out.version = TRY(store.Commit(batch));
  return out;
}

Result<std::shared_ptr<Pending>> Seal(const SecretBytes& data_key, Time time, View body,
                                      const ClaimsOf& claims = nullptr) {
  SealedEntry entry = TRY(SealEntry(data_key, time, body, claims));
  auto out = std::make_shared<Pending>();
  out->leaf = TRY(CcfEntryOf(entry.leaf));
  out->row = EncodeEntryRow({std::move(entry.leaf), std::move(entry.sealed)});
  return out;
}

tl::unexpected<Error> Disagrees(std::string what) {
  return Fail(ErrorCode::kMalformed, "ledger: " + std::move(what),
              "the store was changed or is damaged: run `assay ledger audit` on an export");
}

}  // namespace

Ledger::Ledger(store::Store& store, NoteVerifier log, LedgerKeys keys, Head head)
    : store_(store),
      log_(std::move(log)),
      key_(std::move(keys.signing)),
      data_key_(std::move(keys.data)),
      sequencer_(store_, log_, key_, std::move(head)) {}

Result<std::unique_ptr<Ledger>> Ledger::Open(store::Store& store, LedgerKeys keys) {
  TRY_VOID(CheckKeyName(keys.origin));
  if (keys.data.size() != kDataKeyBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("ledger: expected a data key of {} bytes, found {}", kDataKeyBytes,
                            keys.data.size()));
  }
  NoteVerifier log{keys.origin, NoteKeyKind::kEd25519, keys.signing.Public()};
  std::optional<Head> head = TRY(ReadHead(store, log));
  if (!head) {
    auto made = MakeLedger(store, log, keys);
    // Another process may have been faster: then it is there now.
    if (!made && made.error().code != ErrorCode::kConflict) {
      return tl::unexpected(std::move(made.error()));
    }
    head = TRY(ReadHead(store, log));
  }
  if (!head) return Disagrees("it was made and is not there");
  return std::unique_ptr<Ledger>(
      new Ledger(store, std::move(log), std::move(keys), std::move(*head)));
}

Result<Entered> Entering::Done() {
  pending_->Await();
  const std::uint64_t index = TRY(std::move(pending_->result));
  return Entered{index, pending_->leaf.write_set};
}

Result<Entered> Ledger::Enter(const Record& record) { return TRY(BeginEntry(record)).Done(); }

Result<Entering> Ledger::BeginEntry(const Record& record) {
  if (record.kind == RecordKind::kRedaction) {
    return Fail(ErrorCode::kInvalidArgument, "ledger: a redaction is recorded by Redact");
  }
  if (UserOf(record)) {
    return Fail(ErrorCode::kInvalidArgument, "ledger: a user's roles are recorded by SetUser");
  }
  const Bytes body = TRY(EncodeRecord(record));
  return BeginBody(record.time, body, {}, nullptr);
}

Result<std::uint64_t> Ledger::Append(const Record& record) {
  return Enter(record).map([](const Entered& entered) { return entered.index; });
}

Result<std::uint64_t> Ledger::Append(const ApplicationEntry& entry) {
  const Bytes body = TRY(EncodeApplicationEntry(entry));
  EntryRows rows = TRY(RowsOf(data_key_, entry));
  return AppendBody(entry.time, body, std::move(rows),
                    [&entry](View salt) { return ClaimsDigest(ClaimOf(entry, salt)); })
      .map([](const Entered& entered) { return entered.index; });
}

Result<std::uint64_t> Ledger::SetUser(const LedgerUser& user, std::string actor, Time time) {
  EntryRows rows = TRY(RowsOf(data_key_, user));
  const Bytes body = TRY(EncodeRecord(UserRecord(user, std::move(actor), time)));
  return AppendBody(time, body, std::move(rows), nullptr).map([](const Entered& entered) {
    return entered.index;
  });
}

Result<Entering> Ledger::BeginBody(Time time, View body, EntryRows rows, const ClaimsOf& claims) {
  auto pending = TRY(Seal(data_key_, time, body, claims));
  pending->rows = std::move(rows);
  TRY_VOID(sequencer_.Begin(pending));
  return Entering(std::move(pending));
}

Result<Entered> Ledger::AppendBody(Time time, View body, EntryRows rows, const ClaimsOf& claims) {
  return TRY(BeginBody(time, body, std::move(rows), claims)).Done();
}

// The lists that a redaction takes the entry from; whether it can be is the sequencer's to say.
Result<std::vector<Hash>> Ledger::ListsOfEntry(std::uint64_t index) {
  const auto entry = applications_.Get(index);
  if (entry) return ListsOf(data_key_, *entry);
  if (entry.error().code == ErrorCode::kMissing) return std::vector<Hash>();
  return tl::unexpected(entry.error());
}

Result<std::uint64_t> Ledger::Redact(std::uint64_t index, std::string actor, std::string reason,
                                     Time time) {
  Record record;
  record.kind = RecordKind::kRedaction;
  record.time = time;
  record.subject = std::to_string(index);
  record.actor = std::move(actor);
  record.detail = std::move(reason);
  const Bytes body = TRY(EncodeRecord(record));
  const auto pending = TRY(Seal(data_key_, time, body));
  pending->redacts = index;
  pending->rows.left = TRY(ListsOfEntry(index));
  return sequencer_.Append(pending);
}

Result<Bytes> Ledger::Receipt(const Checkpoint& at, const Hash& leaf, std::uint64_t index) {
  StoreTiles tiles(store_);
  TileNodes nodes(tiles, at.size);
  InclusionReceipt proof{at.size, index, {}};
  proof.path = TRY(InclusionProof(nodes, index, at.size));
  if (!VerifyInclusion(index, at.size, leaf, proof.path, at.root)) {
    return Disagrees(
        fmt::format("entry {} is not the one in the signed tree of {}", index, at.size));
  }
  return SignReceipt(proof, at.root, log_, key_);
}

Result<LedgerEntry> Ledger::Read(std::uint64_t index) const {
  const EntryRow row = TRY(ReadEntry(store_, index));
  const Leaf leaf = TRY(DecodeLeaf(row.leaf));
  if (const std::uint64_t* by = row.redacted_by()) return LedgerEntry{leaf.time, {}, *by};
  const OpenedBody opened = TRY(OpenEntry(data_key_, row.leaf, *row.sealed()));
  Body body = TRY(DecodeBody(opened.body));
  LedgerEntry out{leaf.time, {}, {}};
  if (auto* const record = std::get_if<Record>(&body)) out.record = std::move(*record);
  return out;
}

Result<EntryProof> Ledger::Prove(std::uint64_t index) { return ProveIn(checkpoint(), index); }

Result<EntryProof> Ledger::ProveAt(std::uint64_t index, std::string note) {
  const Checkpoint at = TRY(OpenCheckpoint(note, log_));
  if (index >= at.size) {
    return Fail(
        ErrorCode::kMissing,
        fmt::format("ledger: the checkpoint of {} does not cover entry {}", at.size, index));
  }
  EntryProof out = TRY(ProveIn(at, index));
  out.checkpoint = std::move(note);
  return out;
}

Result<EntryProof> Ledger::ProveIn(const Checkpoint& tree, std::uint64_t index) {
  const EntryRow row = TRY(ReadEntry(store_, index));
  EntryProof out;
  out.origin = log_.name;
  out.leaf = row.leaf;
  out.receipt = TRY(Receipt(tree, LeafHash(row.leaf), index));
  if (const Bytes* sealed = row.sealed()) out.body = TRY(OpenEntry(data_key_, row.leaf, *sealed));
  return out;
}

Result<CcfProof> Ledger::ProveCcf(std::uint64_t index) {
  const EntryRow row = TRY(ReadEntry(store_, index));
  const Checkpoint at = sequencer_.published().ccf;
  CcfProof out;
  out.id = TransactionOf(index);
  out.leaf = TRY(CcfLeafOf(row.leaf, index));
  StoreTiles tiles(store_, Tree::kCcf);
  TileNodes nodes(tiles, at.size, CcfNodeHash);
  const std::vector<Hash> path = TRY(InclusionProof(nodes, index, at.size));
  const std::vector<Side> sides = InclusionSides(index, at.size);
  for (std::size_t i = 0; i < path.size(); ++i) out.path.push_back({sides[i], path[i]});
  out.root = at.root;
  if (CcfRootOf(out) != at.root) {
    return Disagrees(fmt::format("entry {} is not the one in the second tree", index));
  }
  const Bytes* const sealed = row.sealed();
  if (sealed == nullptr) return out;
  const OpenedBody opened = TRY(OpenEntry(data_key_, row.leaf, *sealed));
  const Body body = TRY(DecodeBody(opened.body));
  const ApplicationEntry* const entry = std::get_if<ApplicationEntry>(&body);
  if (entry != nullptr) out.claim = ClaimOf(*entry, opened.salt);
  return out;
}

Result<Bytes> Ledger::ProveConsistency(std::uint64_t first) {
  const Checkpoint at = checkpoint();
  StoreTiles tiles(store_);
  TileNodes nodes(tiles, at.size);
  ConsistencyReceipt proof{first, at.size, {}};
  proof.path = TRY(ConsistencyProof(nodes, first, at.size));
  TileNodes older(tiles, first);
  const Hash first_root = TRY(TreeRoot(older, first));
  if (!VerifyConsistency(first, at.size, first_root, at.root, proof.path)) {
    return Disagrees(
        fmt::format("the tree of {} does not lead to the signed one of {}", first, at.size));
  }
  return SignReceipt(proof, at.root, log_, key_);
}

}  // namespace assay::ledger
