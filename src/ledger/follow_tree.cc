#include "ledger/follow_tree.h"

#include <fmt/format.h>

#include <map>

#include "base/limits.h"

namespace assay::ledger {
namespace {

// Tiles by their files, each read once. A partial one that is gone is part of the full one (C2SP
// tlog-tiles, "Partial Tiles").
class FileTiles final : public TileSource {
 public:
  explicit FileTiles(const ReadTreeFile& read) : read_(read) {}

  Result<std::vector<Hash>> Tile(const TileId& tile) override {
    const std::string path = TilePath(tile);
    const auto known = kept_.find(path);
    if (known != kept_.end()) return known->second;
    auto packed = read_(path, kTileWidth * sizeof(Hash));
    if (!packed && packed.error().code == ErrorCode::kMissing && tile.width < kTileWidth) {
      packed = read_(TilePath({tile.level, tile.index, kTileWidth}), kTileWidth * sizeof(Hash));
    }
    const Bytes bytes = TRY(std::move(packed));
    std::vector<Hash> out = TRY(UnpackTile(bytes, tile));
    kept_[path] = out;
    return out;
  }
  std::uint64_t read() const { return kept_.size(); }

 private:
  const ReadTreeFile& read_;
  std::map<std::string, std::vector<Hash>> kept_;
};

// Whether tiles of `now` prove that it continues `seen`, which is not larger.
Result<bool> Continues(TileSource& tiles, const Checkpoint& seen, const Checkpoint& now) {
  if (seen.size == now.size) return seen.root == now.root;
  if (seen.size == 0) return true;
  TileNodes nodes(tiles, now.size);
  const std::vector<Hash> proof = TRY(ConsistencyProof(nodes, seen.size, now.size));
  return VerifyConsistency(seen.size, now.size, seen.root, now.root, proof);
}

Result<void> Compare(TileSource& tiles, const std::optional<Checkpoint>& seen,
                     AuditReport& report) {
  const Checkpoint& now = report.checkpoint;
  if (seen && seen->size > now.size) {
    report.Find(
        fmt::format("rolled back: a checkpoint of {} entries was seen before, and this one has {}",
                    seen->size, now.size));
    return {};
  }
  TileNodes nodes(tiles, now.size);
  if (now.size > 0 && TRY(TreeRoot(nodes, now.size)) != now.root) {
    report.Find(
        fmt::format("the tiles have not the root that the checkpoint of {} signs", now.size));
  }
  if (report.ok() && seen && !TRY(Continues(tiles, *seen, now))) {
    report.Find(
        fmt::format("forked: the first {} entries are others than those of the checkpoint that was "
                    "seen before",
                    seen->size));
  }
  return {};
}

}  // namespace

Result<AuditReport> FollowTree(const ReadTreeFile& read, const NoteVerifier& log,
                               const std::optional<Checkpoint>& seen) {
  AuditReport out;
  const Bytes note = TRY(read(kCheckpointPath, limits::kNoteBytes));
  out.checkpoint = TRY(OpenCheckpoint(AsText(note), log));
  out.checkpoints = 1;
  FileTiles tiles(read);
  const auto done = Compare(tiles, seen, out);
  // Tiles are the keeper's to publish: one that is missing or malformed is what it answers for.
  if (!done) {
    const ErrorCode code = done.error().code;
    if (code != ErrorCode::kMissing && code != ErrorCode::kMalformed) {
      return tl::unexpected(done.error());
    }
    out.Find(done.error().message);
  }
  out.tiles = tiles.read();
  return out;
}

}  // namespace assay::ledger
