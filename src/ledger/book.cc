#include "ledger/book.h"

#include <fmt/format.h>

#include "base/cbor.h"
#include "base/limits.h"

namespace assay::ledger {
namespace {

Bytes RowKey(std::string text) { return ToBytes(AsBytes(text)); }

tl::unexpected<Error> Damaged(std::string what) {
  return Fail(ErrorCode::kMalformed, "ledger: " + std::move(what),
              "the store was changed or is damaged: run `assay ledger audit` on an export, and "
              "restore a backup that its checkpoints vouch for");
}

Result<std::optional<Head>> ExpectNoRows(store::Store& store) {
  const auto any = TRY(store.Scan(AsBytes(kLedgerPrefix), {}, 1));
  if (!any.empty()) return Damaged("the head is missing, and there are other rows");
  return std::optional<Head>();
}

Result<Head> ParseHead(const store::Entry& row, const NoteVerifier& log) {
  HeadRow decoded = TRY(DecodeHeadRow(row.value));
  Head out;
  out.number = decoded.number;
  out.note = std::move(decoded.note);
  out.ccf.note = std::move(decoded.ccf_note);
  out.version = row.version;
  out.checkpoint = TRY(OpenCheckpoint(out.note, log));
  out.ccf.checkpoint = TRY(OpenCheckpoint(out.ccf.note, CcfVerifierOf(log)));
  return out;
}

// What its checkpoint signs.
Result<Frontier> LoadEdge(store::Store& store, Tree tree, const Checkpoint& checkpoint) {
  StoreTiles tiles(store, tree);
  Frontier out =
      TRY(Frontier::Load(tiles, checkpoint.size, tree == Tree::kCcf ? CcfNodeHash : NodeHash));
  if (out.Root() == checkpoint.root) return out;
  return Damaged(
      fmt::format("the tiles of the right edge have not the root that the checkpoint of {} of size "
                  "{} signs",
                  checkpoint.origin, checkpoint.size));
}

Result<std::optional<Head>> OpenHead(store::Store& store, const NoteVerifier& log,
                                     const store::Entry& row) {
  Head out = TRY(ParseHead(row, log));
  const std::uint64_t size = out.checkpoint.size;
  const NoteVerifier named = TRY(ReadVerifier(store));
  if (named.ToText() != log.ToText()) {
    return Damaged(
        fmt::format("the store names the key {}, expected {}", named.ToText(), log.ToText()));
  }
  const auto kept = TRY(store.Get(CheckpointKey(out.number)));
  if (!kept || AsText(kept->value) != out.note) {
    return Damaged(fmt::format("the head is not checkpoint {}", out.number));
  }
  if (out.ccf.checkpoint.size != size) {
    return Damaged(fmt::format("its trees have {} and {} entries", size, out.ccf.checkpoint.size));
  }
  out.frontier = TRY(LoadEdge(store, Tree::kPublished, out.checkpoint));
  out.ccf.frontier = TRY(LoadEdge(store, Tree::kCcf, out.ccf.checkpoint));
  if (TRY(store.Get(EntryKeyOf(size)))) {
    return Damaged(
        fmt::format("there is an entry {} behind the checkpoint of size {}", size, size));
  }
  if (size > 0) TRY_VOID(ReadEntry(store, size - 1).map([](const EntryRow&) {}));
  return std::optional(std::move(out));
}

}  // namespace

Bytes TurnKey() { return RowKey("ledger-turn"); }
Bytes HeadKey() { return RowKey("ledger/head"); }
Bytes VerifierKey() { return RowKey("ledger/key"); }
Bytes CheckpointKey(std::uint64_t number) {
  return RowKey(fmt::format("{}{:016x}", kCheckpointPrefix, number));
}
Bytes EntryKeyOf(std::uint64_t index) {
  return RowKey(fmt::format("{}{:016x}", kEntryPrefix, index));
}
Bytes TileKey(unsigned level, std::uint64_t index, Tree tree) {
  const std::string_view prefix = tree == Tree::kCcf ? kCcfTilePrefix : kTilePrefix;
  return RowKey(fmt::format("{}{:02x}/{:016x}", prefix, level, index));
}

NoteVerifier CcfVerifierOf(const NoteVerifier& log) {
  return {log.name + "/ccf", log.kind, log.key};
}

Bytes EncodeEntryRow(const EntryRow& row) {
  CborWriter out;
  out.Array(2).ByteString(row.leaf);
  if (const Bytes* sealed = row.sealed()) {
    out.ByteString(*sealed);
  } else {
    out.Array(1).Unsigned(*row.redacted_by());
  }
  return out.Take();
}

Result<EntryRow> DecodeEntryRow(View bytes) {
  CborReader reader(bytes, "ledger entry");
  EntryRow out;
  TRY_VOID(reader.ArrayOf("entry", 2));
  out.leaf = ToBytes(TRY(reader.ByteString("leaf", limits::kLedgerLeafBytes)));
  if (CborReader attempt = reader; attempt.ArrayOf("redaction", 1)) {
    reader = attempt;
    out.body = TRY(reader.Unsigned("redaction"));
  } else {
    out.body = ToBytes(TRY(reader.ByteString("body", limits::kStoreValueBytes)));
  }
  TRY_VOID(reader.ExpectEnd());
  return out;
}

Result<EntryRow> ReadEntry(store::Store& store, std::uint64_t index) {
  const auto row = TRY(store.Get(EntryKeyOf(index)));
  if (!row) {
    return Fail(ErrorCode::kMissing, fmt::format("ledger: there is no entry {}", index));
  }
  return DecodeEntryRow(row->value);
}

Result<std::vector<Hash>> StoreTiles::Tile(const TileId& tile) {
  const auto row = TRY(store_.Get(TileKey(tile.level, tile.index, tree_)));
  if (!row) return Damaged(fmt::format("{} is missing", TilePath(tile)));
  return UnpackTile(row->value, tile);
}

Bytes EncodeHeadRow(const HeadRow& row) {
  return CborWriter().Array(3).Unsigned(row.number).Text(row.note).Text(row.ccf_note).Take();
}

Result<HeadRow> DecodeHeadRow(View bytes) {
  CborReader reader(bytes, "ledger head");
  if (CborReader attempt = reader; attempt.ArrayOf("head", 2)) {
    return Fail(ErrorCode::kUnsupported,
                "ledger: it has one tree: an unreleased build of this program began it",
                "begin a new ledger in another state folder");
  }
  HeadRow out;
  TRY_VOID(reader.ArrayOf("head", 3));
  out.number = TRY(reader.Unsigned("number"));
  out.note = TRY(reader.Text("checkpoint", limits::kNoteBytes));
  out.ccf_note = TRY(reader.Text("checkpoint of the second tree", limits::kNoteBytes));
  TRY_VOID(reader.ExpectEnd());
  return out;
}

Result<NoteVerifier> ReadVerifier(store::Store& store) {
  const auto row = TRY(store.Get(VerifierKey()));
  if (!row) return Fail(ErrorCode::kMissing, "ledger: the store has none");
  return NoteVerifier::Parse(AsText(row->value));
}

Result<std::optional<Head>> ReadHead(store::Store& store, const NoteVerifier& log) {
  // Rows are read one by one: what disagrees may be another process's commit in between.
  for (int i = 0;; ++i) {
    const auto row = TRY(store.Get(HeadKey()));
    Result<std::optional<Head>> out = row ? OpenHead(store, log, *row) : ExpectNoRows(store);
    if (out) return out;
    const auto again = TRY(store.Get(HeadKey()));
    const bool moved =
        row.has_value() != again.has_value() || (row && row->version != again->version);
    if (!moved) return out;
    if (i == limits::kLedgerAttempts) {
      return Fail(ErrorCode::kConflict, "ledger: another process appends all the time",
                  "try again");
    }
  }
}

}  // namespace assay::ledger
