// The right edge of a tree: all that is needed to append to it, at most 255 hashes of each level.
#pragma once

#include <array>

#include "ledger/tile.h"

namespace assay::ledger {

class Frontier {
 public:
  struct Changed {
    TileId id;
    std::vector<Hash> hashes;
  };

  explicit Frontier(NodeHasher hasher = NodeHash) : hasher_(hasher) {}  // of the empty tree
  // Reads the partial tile of each level.
  static Result<Frontier> Load(TileSource& tiles, std::uint64_t size, NodeHasher hasher = NodeHash);

  void Append(const Hash& leaf);
  std::uint64_t size() const { return size_; }
  Hash Root() const;
  // The hashes of the partial tile of a level; empty: it has none.
  const std::vector<Hash>& Edge(unsigned level) const { return edges_[level]; }
  // The tiles that differ from those of the last call: full ones once, partial ones as they stand.
  std::vector<Changed> TakeChanged();

 private:
  void Enter(unsigned level, const Hash& hash);

  NodeHasher hasher_;
  std::uint64_t size_ = 0;
  // Of each level, the hashes of its partial tile; never 256 of them.
  std::array<std::vector<Hash>, kTileLevels> edges_;
  std::array<bool, kTileLevels> touched_{};
  // The roots of the complete subtrees that make up the tree, the largest first: one for each bit
  // of its size. So an append and a root cost O(log n) hashes, whatever the tiles hold.
  std::vector<Hash> peaks_;
  std::vector<Changed> full_;
};

}  // namespace assay::ledger
