#include "ledger/static_tree.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "ledger/published_tree.h"

namespace assay::ledger {
namespace {

// 256 entries of the largest size, each behind its length.
constexpr std::size_t kBundleMost = kTileWidth * (limits::kLedgerLeafBytes + 2);

// All but the checkpoint.
Result<void> WriteFiles(std::uint64_t size,
                        const std::function<Result<Bytes>(const TreePath&)>& read,
                        const WriteTreeFile& write) {
  for (unsigned level = 0; level < kTileLevels; ++level) {
    for (std::uint64_t i = 0; i < TilesIn(size, level); ++i) {
      for (const bool entries : {false, true}) {
        const TreePath path{entries, {level, i, TileWidthIn(size, level, i)}};
        if (entries && level != 0) continue;
        const Bytes content = TRY(read(path));
        TRY_VOID(write(PathOf(path), content));
      }
    }
  }
  return {};
}

class TreeAudit {
 public:
  TreeAudit(const ReadTreeFile& read, std::optional<Checkpoint> seen, std::optional<Checkpoint> ccf)
      : read_(read), seen_(std::move(seen)), ccf_(std::move(ccf)) {}

  Result<AuditReport> Run(const Checkpoint& checkpoint) {
    report_.checkpoint = checkpoint;
    report_.checkpoints = 1;
    CompareSeen();
    for (std::uint64_t i = 0; i < TilesIn(checkpoint.size, 0); ++i) {
      TRY_VOID(Entries({0, i, TileWidthIn(checkpoint.size, 0, i)}));
      if (!report_.ok()) return std::move(report_);  // all that follows would differ, too
    }
    if (tree_.Root() != checkpoint.root) {
      report_.Find(fmt::format("the {} entries have not the root that the checkpoint signs",
                               checkpoint.size));
    }
    if (ccf_ && ccf_->size > checkpoint.size) {
      report_.Find(fmt::format("the second tree has {} entries, and this one {}", ccf_->size,
                               checkpoint.size));
    }
    if (seen_ && seen_->size > checkpoint.size) {
      report_.Find(
          fmt::format("rolled back: a checkpoint of {} entries was seen before, and this "
                      "one has {}",
                      seen_->size, checkpoint.size));
    }
    return std::move(report_);
  }

 private:
  void CompareSeen() {
    if (ccf_ && ccf_->size == ccf_tree_.size() && ccf_->root != ccf_tree_.Root()) {
      report_.Find(
          fmt::format("the first {} entries have not the root that the checkpoint of the "
                      "second tree signs",
                      ccf_->size));
    }
    if (!seen_ || seen_->size != tree_.size() || seen_->root == tree_.Root()) return;
    report_.Find(
        fmt::format("forked: the first {} entries are others than those of the checkpoint "
                    "that was seen before",
                    seen_->size));
  }

  // One bundle, and the tiles that it completes or ends.
  Result<void> Entries(const TileId& tile) {
    const auto bundle = read_(EntriesPath(tile), kBundleMost);
    if (!bundle) return Missing(EntriesPath(tile), bundle.error());
    const auto leaves = ParseBundle(*bundle, tile.width);
    if (!leaves) {
      report_.Find(fmt::format("{}: {}", EntriesPath(tile), leaves.error().message));
      return {};
    }
    for (const Bytes& leaf : *leaves) {
      const auto ccf = CcfLeafOf(leaf, tree_.size());
      if (!ccf) {
        report_.Find(fmt::format("entry {}: {}", tree_.size(), ccf.error().message));
        return {};
      }
      tree_.Append(LeafHash(leaf));
      ccf_tree_.Append(CcfLeafHash(*ccf));
      ++report_.entries;
      CompareSeen();
    }
    // Partial tiles left of the end are no files of this tree.
    ccf_tree_.TakeChanged();  // only its root is looked at
    for (const Frontier::Changed& one : tree_.TakeChanged()) {
      if (one.id.width == kTileWidth) TRY_VOID(CompareTile(one));
    }
    if (tree_.size() == report_.checkpoint.size) TRY_VOID(CompareEdges());
    return {};
  }

  Result<void> CompareEdges() {
    for (unsigned level = 0; level < kTileLevels; ++level) {
      const std::vector<Hash>& edge = tree_.Edge(level);
      const std::uint64_t index = (tree_.size() >> (kTileHeight * level)) / kTileWidth;
      if (!edge.empty()) TRY_VOID(CompareTile({{level, index, edge.size()}, edge}));
    }
    return {};
  }

  Result<void> CompareTile(const Frontier::Changed& tile) {
    const std::string path = TilePath(tile.id);
    const auto found = read_(path, kTileWidth * sizeof(Hash));
    if (!found) return Missing(path, found.error());
    ++report_.tiles;
    if (*found != PackTile(tile.hashes)) {
      report_.Find(fmt::format("{} has not the hashes of the entries", path));
    }
    return {};
  }

  // That a file is not there is a finding; that it cannot be read is an error.
  Result<void> Missing(const std::string& path, const Error& error) {
    if (error.code != ErrorCode::kMissing) return tl::unexpected(error);
    report_.Find(path + " is missing");
    return {};
  }

  const ReadTreeFile& read_;
  const std::optional<Checkpoint> seen_, ccf_;
  Frontier tree_;
  Frontier ccf_tree_{CcfNodeHash};
  AuditReport report_;
};

// Nothing where none is published.
Result<std::optional<Checkpoint>> ReadCcfCheckpoint(const ReadTreeFile& read,
                                                    const NoteVerifier& log) {
  const auto note = read(kCcfCheckpointPath, limits::kNoteBytes);
  if (!note && note.error().code == ErrorCode::kMissing) return std::nullopt;
  if (!note) return tl::unexpected(note.error());
  return std::optional(TRY(OpenCheckpoint(AsText(*note), CcfVerifierOf(log))));
}

}  // namespace

Result<Checkpoint> ExportTree(store::Store& store, const NoteVerifier& log,
                              const WriteTreeFile& write) {
  const std::optional<Head> head = TRY(ReadHead(store, log));
  if (!head) return Fail(ErrorCode::kMissing, "ledger: the store has none");
  const auto read = [&store](const TreePath& path) { return ReadTreeFileFrom(store, path); };
  TRY_VOID(WriteFiles(head->checkpoint.size, read, write));
  TRY_VOID(write(kCcfCheckpointPath, AsBytes(head->ccf.note)));
  TRY_VOID(write(kCheckpointPath, AsBytes(head->note)));
  return head->checkpoint;
}

Result<Checkpoint> CopyTree(const ReadTreeFile& read, const NoteVerifier& log,
                            const WriteTreeFile& write) {
  const Bytes note = TRY(read(kCheckpointPath, limits::kNoteBytes));
  Checkpoint checkpoint = TRY(OpenCheckpoint(AsText(note), log));
  const auto file = [&read](const TreePath& path) {
    return read(PathOf(path), path.entries ? kBundleMost : kTileWidth * sizeof(Hash));
  };
  TRY_VOID(WriteFiles(checkpoint.size, file, write));
  TRY_VOID(write(kCheckpointPath, note));
  return checkpoint;
}

Result<AuditReport> AuditTree(const ReadTreeFile& read, const NoteVerifier& log,
                              const std::optional<Checkpoint>& seen) {
  const Bytes note = TRY(read(kCheckpointPath, limits::kNoteBytes));
  const Checkpoint checkpoint = TRY(OpenCheckpoint(AsText(note), log));
  const std::optional<Checkpoint> ccf = TRY(ReadCcfCheckpoint(read, log));
  return TreeAudit(read, seen, ccf).Run(checkpoint);
}

}  // namespace assay::ledger
