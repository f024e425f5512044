// A part of the audit: the tiles of one tree against its leaves.
#pragma once

#include <map>

#include "ledger/audit.h"

namespace assay::ledger {

class TilesAudit {
 public:
  explicit TilesAudit(Tree tree)
      : which_(tree), tree_(tree == Tree::kCcf ? CcfNodeHash : NodeHash) {}

  void Append(const Hash& leaf);
  // After the last leaf, in the order of their keys.
  void Row(const store::Entry& row, AuditReport& report);
  void End(AuditReport& report);

  const Frontier& tree() const { return tree_; }
  std::uint64_t seen() const { return seen_; }

 private:
  using Place = std::pair<unsigned, std::uint64_t>;  // level and index
  Bytes RowOf(const Place& tile) const { return TileKey(tile.first, tile.second, which_); }
  void ExpectPartial();

  const Tree which_;
  Frontier tree_;
  // What tiles have to hold; those that were seen are taken out. In the order of their rows.
  std::map<Place, Sha256Digest> expected_;
  bool partial_expected_ = false;
  std::uint64_t seen_ = 0;
};

}  // namespace assay::ledger
