#include "ledger/tiles_audit.h"

#include <fmt/format.h>

namespace assay::ledger {

void TilesAudit::Append(const Hash& leaf) {
  tree_.Append(leaf);
  if (tree_.size() % kTileWidth != 0) return;
  // Partial tiles are compared as they stand in the end.
  for (const Frontier::Changed& tile : tree_.TakeChanged()) {
    if (tile.id.width != kTileWidth) continue;
    expected_[{tile.id.level, tile.id.index}] = Sha256(PackTile(tile.hashes));
  }
}

void TilesAudit::ExpectPartial() {
  if (partial_expected_) return;
  partial_expected_ = true;
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::vector<Hash>& edge = tree_.Edge(level);
    const std::uint64_t index = (tree_.size() >> (kTileHeight * level)) / kTileWidth;
    if (!edge.empty()) expected_[{level, index}] = Sha256(PackTile(edge));
  }
}

void TilesAudit::Row(const store::Entry& row, AuditReport& report) {
  ExpectPartial();
  ++seen_;
  // Both come in the same order.
  auto next = expected_.begin();
  while (next != expected_.end() && RowOf(next->first) < row.key) {
    report.Find(fmt::format("{} is missing", AsText(RowOf(next->first))));
    next = expected_.erase(next);
  }
  if (next == expected_.end() || RowOf(next->first) != row.key) {
    return report.Find(fmt::format("{} is a tile of no entries", AsText(row.key)));
  }
  if (Sha256(row.value) != next->second) {
    report.Find(fmt::format("{} has not the hashes of the entries", AsText(row.key)));
  }
  expected_.erase(next);
}

void TilesAudit::End(AuditReport& report) {
  ExpectPartial();
  for (const auto& [place, tile] : expected_) {
    report.Find(fmt::format("{} is missing", AsText(RowOf(place))));
  }
}

}  // namespace assay::ledger
