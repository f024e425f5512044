#include "ledger/audit.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/limits.h"
#include "ledger/record.h"

namespace assay::ledger {
namespace {

// Rows come in the order of their keys: checkpoints, entries, the head, the key, tiles.
class StoreAudit {
 public:
  StoreAudit(const NoteVerifier& log, const SecretBytes* data_key)
      : log_(log), data_key_(data_key) {}

  void Row(const store::Entry& row) {
    const std::string_view key = AsText(row.key);
    if (key.starts_with(kCheckpointPrefix)) return CheckpointRow(row);
    if (key.starts_with(kEntryPrefix)) return EntryRowOf(row);
    if (key.starts_with(kTilePrefix)) return TileRow(row);
    if (Equal(row.key, HeadKey())) {
      head_ = row.value;
    } else if (Equal(row.key, VerifierKey())) {
      has_key_ = AsText(row.value) == log_.ToText();
    } else {
      report_.Find(fmt::format("an unknown row {}", key));
    }
  }

  AuditReport End() {
    CompareHead();
    for (const auto& [index, by] : redacted_) CompareRedaction(index, by);
    for (const auto& [by, index] : ordered_) {
      const auto found = redacted_.find(index);
      if (found == redacted_.end() || found->second != by) {
        report_.Find(fmt::format("entry {} redacts entry {}, whose body is there", by, index));
      }
    }
    for (const auto& [key, tile] : expected_) {
      report_.Find(fmt::format("{} is missing", AsText(RowOf(key))));
    }
    return std::move(report_);
  }

 private:
  using TileKeyParts = std::pair<unsigned, std::uint64_t>;  // level and index
  static Bytes RowOf(const TileKeyParts& tile) { return TileKey(tile.first, tile.second); }

  void CheckpointRow(const store::Entry& row) {
    const auto opened = OpenCheckpoint(AsText(row.value), log_);
    if (!opened) return report_.Find(opened.error().message);
    if (!Equal(row.key, CheckpointKey(report_.checkpoints))) {
      return report_.Find(
          fmt::format("expected checkpoint {}, found {}", report_.checkpoints, AsText(row.key)));
    }
    if (!signed_.empty() && opened->size <= signed_.rbegin()->first) {
      report_.Find(
          fmt::format("checkpoint {} is no larger than the one before it", report_.checkpoints));
    }
    ++report_.checkpoints;
    signed_[opened->size] = *opened;
    newest_ = EncodeHeadRow(report_.checkpoints - 1, AsText(row.value));
    if (opened->size == 0) CompareRoot();
  }

  // The tree as it stands against the checkpoint of its size, if there was one.
  void CompareRoot() {
    const auto found = signed_.find(tree_.size());
    if (found == signed_.end() || found->second.root == tree_.Root()) return;
    report_.Find(fmt::format("the first {} entries have not the root that their checkpoint signs",
                             tree_.size()));
  }

  void EntryRowOf(const store::Entry& row) {
    const std::uint64_t index = tree_.size();
    if (!Equal(row.key, EntryKeyOf(index))) {
      return report_.Find(fmt::format("expected entry {}, found {}", index, AsText(row.key)));
    }
    const auto decoded = DecodeEntryRow(row.value);
    if (!decoded) return report_.Find(fmt::format("entry {}: {}", index, decoded.error().message));
    ++report_.entries;
    tree_.Append(LeafHash(decoded->leaf));
    for (Frontier::Changed& tile : TakeFull()) {
      expected_[{tile.id.level, tile.id.index}] = Sha256(PackTile(tile.hashes));
    }
    if (const std::uint64_t* by = decoded->redacted_by()) {
      ++report_.redacted;
      redacted_[index] = *by;
    } else if (data_key_ != nullptr) {
      CheckBody(index, decoded->leaf, *decoded->sealed());
    }
    CompareRoot();
  }

  // Partial tiles are compared as they stand in the end.
  std::vector<Frontier::Changed> TakeFull() {
    if (tree_.size() % kTileWidth != 0) return {};
    std::vector<Frontier::Changed> out = tree_.TakeChanged();
    std::erase_if(out, [](const auto& one) { return one.id.width != kTileWidth; });
    return out;
  }

  void CheckBody(std::uint64_t index, View leaf, View sealed) {
    const auto opened = OpenEntry(*data_key_, leaf, sealed);
    if (!opened) return report_.Find(fmt::format("entry {}: {}", index, opened.error().message));
    const auto record = DecodeRecord(opened->body);
    if (!record) return report_.Find(fmt::format("entry {}: {}", index, record.error().message));
    if (record->kind != RecordKind::kRedaction) return;
    std::uint64_t target = 0;
    const std::string& text = record->subject;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
    if (error != std::errc() || end != text.data() + text.size()) {
      return report_.Find(fmt::format("entry {}: \"{}\" is no index to redact", index, text));
    }
    ordered_[index] = target;
  }

  void CompareRedaction(std::uint64_t index, std::uint64_t by) {
    if (by >= tree_.size() || by <= index) {
      return report_.Find(fmt::format("entry {} was redacted by no later entry", index));
    }
    if (data_key_ == nullptr || redacted_.contains(by)) return;
    const auto found = ordered_.find(by);
    if (found == ordered_.end() || found->second != index) {
      report_.Find(
          fmt::format("the body of entry {} is gone, and entry {} does not redact it", index, by));
    }
  }

  void ExpectPartialTiles() {
    if (partial_expected_) return;
    partial_expected_ = true;
    for (unsigned level = 0; level < kTileLevels; ++level) {
      const std::vector<Hash>& edge = tree_.Edge(level);
      const std::uint64_t index = (tree_.size() >> (kTileHeight * level)) / kTileWidth;
      if (!edge.empty()) expected_[{level, index}] = Sha256(PackTile(edge));
    }
  }

  void TileRow(const store::Entry& row) {
    ExpectPartialTiles();
    ++report_.tiles;
    // Both come in the same order.
    auto next = expected_.begin();
    while (next != expected_.end() && RowOf(next->first) < row.key) {
      report_.Find(fmt::format("{} is missing", AsText(RowOf(next->first))));
      next = expected_.erase(next);
    }
    if (next == expected_.end() || RowOf(next->first) != row.key) {
      return report_.Find(fmt::format("{} is a tile of no entries", AsText(row.key)));
    }
    if (Sha256(row.value) != next->second) {
      report_.Find(fmt::format("{} has not the hashes of the entries", AsText(row.key)));
    }
    expected_.erase(next);
  }

  void CompareHead() {
    ExpectPartialTiles();
    if (signed_.empty()) return report_.Find("there is no checkpoint");
    if (!has_key_) report_.Find("the store does not name the key of its checkpoints");
    report_.checkpoint = signed_.rbegin()->second;
    if (head_ != newest_) report_.Find("the head is not the newest checkpoint");
    if (report_.checkpoint.size != tree_.size()) {
      report_.Find(fmt::format("the newest checkpoint is of {} entries, and there are {}",
                               report_.checkpoint.size, tree_.size()));
    }
  }

  const NoteVerifier& log_;
  const SecretBytes* data_key_;
  AuditReport report_;
  Frontier tree_;
  Bytes head_, newest_;                              // the head's row as it is, and as it has to be
  std::map<std::uint64_t, Checkpoint> signed_;       // by size
  std::map<std::uint64_t, std::uint64_t> redacted_;  // index to that of the redaction
  std::map<std::uint64_t, std::uint64_t> ordered_;   // index of a redaction to what it redacts
  // What tiles have to hold; those that were seen are taken out. In the order of their rows.
  std::map<TileKeyParts, Sha256Digest> expected_;
  bool partial_expected_ = false;
  bool has_key_ = false;
};

}  // namespace

void AuditReport::Find(std::string what) {
  if (findings.size() < limits::kLedgerFindings) findings.push_back(std::move(what));
}

Result<AuditReport> AuditStore(store::Store& store, const NoteVerifier& log,
                               const SecretBytes* data_key) {
  StoreAudit audit(log, data_key);
  for (Bytes after;;) {
    const auto rows = TRY(store.Scan(AsBytes(kLedgerPrefix), after, limits::kStoreScan));
    for (const store::Entry& row : rows) audit.Row(row);
    if (rows.size() < limits::kStoreScan) return audit.End();
    after = rows.back().key;
  }
}

}  // namespace assay::ledger
