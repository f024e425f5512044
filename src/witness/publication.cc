#include "witness/publication.h"

#include "base/limits.h"

namespace assay::witness {
namespace {

Bytes PublicationKey() { return ToBytes(AsBytes("publication/checkpoint")); }

// Its size, if it is of this log and has this quorum.
std::optional<std::uint64_t> PublishedSize(std::string_view note, const ledger::NoteVerifier& log,
                                           const Quorum& quorum) {
  const auto checkpoint = ledger::OpenCheckpoint(note, log);
  if (!checkpoint || !CheckCosigned(note, quorum)) return std::nullopt;
  return checkpoint->size;
}

}  // namespace

Result<std::optional<std::string>> ReadPublication(store::Store& store,
                                                   const ledger::NoteVerifier& log,
                                                   const Quorum& quorum) {
  const auto row = TRY(store.Get(PublicationKey()));
  if (!row || !PublishedSize(AsText(row->value), log, quorum)) return std::nullopt;
  return std::optional(std::string(AsText(row->value)));
}

Result<void> WritePublication(store::Store& store, const ledger::NoteVerifier& log,
                              const Quorum& quorum, const std::string& note) {
  const ledger::Checkpoint fresh = TRY(ledger::OpenCheckpoint(note, log));
  TRY_VOID(CheckCosigned(note, quorum));
  for (int i = 0;; ++i) {
    const auto row = TRY(store.Get(PublicationKey()));
    if (row && PublishedSize(AsText(row->value), log, quorum) > fresh.size) return {};
    store::Batch batch;
    batch.expectations.push_back({PublicationKey(), row ? row->version : 0});
    batch.puts.push_back({PublicationKey(), ToBytes(AsBytes(note))});
    auto done = store.Commit(batch);
    if (done) return {};
    if (done.error().code != ErrorCode::kConflict || i == limits::kLedgerAttempts) {
      return tl::unexpected(std::move(done.error()));
    }
  }
}

Cosigned Cosign(const SignedTree& tree, std::vector<WitnessPeer>& peers, std::size_t needed) {
  Cosigned out;
  std::string note = tree.note;
  std::size_t cosignatures = 0;
  for (WitnessPeer& peer : peers) {
    const auto one = AskCosignature(tree, peer.key, peer.ask, peer.known);
    if (!one) {
      out.errors.push_back(one.error());
      continue;
    }
    note += WriteSignatureLine(*one);
    ++cosignatures;
  }
  if (cosignatures >= needed) out.note = std::move(note);
  return out;
}

}  // namespace assay::witness
