// The ledger's rows in the store.
//
//   ledger/key               the verifier key (ledger/note.h): for who reads the store alone
//   ledger/head              [N, the signed checkpoint in force, that of the second tree]; every
//                            commit expects its version
//   ledger/checkpoint/N      each signed checkpoint there was, counted from 0: none can go unseen
//   ledger/entry/INDEX       [leaf, sealed body] or, redacted, [leaf, [index of the redaction]]
//   ledger/tile/LEVEL/INDEX  the hashes of a tile, partial ones as they stand
//   ledger/tree-ccf/LEVEL/INDEX  the same of the second tree (ledger/ccf_tree.h)
//   ledger/list, name, user  what finds entries of applications (ledger/rows.h)
//
// Numbers are hexadecimal of fixed width, so that rows come in their order. Entries, tiles and both
// checkpoint rows of a group are one commit: the trees equal their entries at every version.
//
// The second tree has a checkpoint, too: a signed note of the same key under the name NAME/ccf, so
// that none of the two can be taken for the other.
#pragma once

#include <optional>
#include <variant>

#include "ledger/ccf_tree.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/frontier.h"
#include "store/store.h"

namespace assay::ledger {

inline constexpr std::string_view kLedgerPrefix = "ledger/";
inline constexpr std::string_view kEntryPrefix = "ledger/entry/";
inline constexpr std::string_view kTilePrefix = "ledger/tile/";
inline constexpr std::string_view kCcfTilePrefix = "ledger/tree-ccf/";
inline constexpr std::string_view kCheckpointPrefix = "ledger/checkpoint/";

// ledger-turn, which is no part of the ledger: whose turn it is (ledger/sequencer.h).
Bytes TurnKey();
Bytes HeadKey();
Bytes VerifierKey();
Bytes CheckpointKey(std::uint64_t number);
Bytes EntryKeyOf(std::uint64_t index);

enum class Tree { kPublished, kCcf };
Bytes TileKey(unsigned level, std::uint64_t index, Tree tree = Tree::kPublished);
// Whose signature is on the checkpoints of the second tree.
NoteVerifier CcfVerifierOf(const NoteVerifier& log);

struct EntryRow {
  Bytes leaf;
  std::variant<Bytes, std::uint64_t> body;  // sealed; or the index of the entry that redacts it

  const Bytes* sealed() const { return std::get_if<Bytes>(&body); }
  const std::uint64_t* redacted_by() const { return std::get_if<std::uint64_t>(&body); }
};
Bytes EncodeEntryRow(const EntryRow& row);
Result<EntryRow> DecodeEntryRow(View bytes);

// kMissing when there is none.
Result<EntryRow> ReadEntry(store::Store& store, std::uint64_t index);

class StoreTiles final : public TileSource {
 public:
  explicit StoreTiles(store::Store& store, Tree tree = Tree::kPublished)
      : store_(store), tree_(tree) {}
  Result<std::vector<Hash>> Tile(const TileId& tile) override;

 private:
  store::Store& store_;
  const Tree tree_;
};

struct TreeHead {
  Checkpoint checkpoint;
  std::string note;
  Frontier frontier;
};

// The checkpoint in force, and the right edge of its tree, which was compared with it.
struct Head {
  std::uint64_t number = 0;  // of the checkpoint
  Checkpoint checkpoint;
  std::string note;
  std::uint64_t version = 0;  // of its row
  Frontier frontier;
  TreeHead ccf{{}, {}, Frontier(CcfNodeHash)};  // of the second tree, likewise
};
struct HeadRow {
  std::uint64_t number = 0;
  std::string note, ccf_note;
};
Bytes EncodeHeadRow(const HeadRow& row);
Result<HeadRow> DecodeHeadRow(View bytes);

// The key that the store names. It is no proof of itself: compare it with one from elsewhere.
Result<NoteVerifier> ReadVerifier(store::Store& store);

// Nothing for a store that has no ledger. In O(log n): checks the signatures, that the tiles of
// both right edges have the signed roots, and that there is no entry behind the last. What lies
// further left is found out by an audit, or by the proof that meets it.
Result<std::optional<Head>> ReadHead(store::Store& store, const NoteVerifier& log);

}  // namespace assay::ledger
