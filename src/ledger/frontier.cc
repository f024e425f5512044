#include "ledger/frontier.h"

namespace assay::ledger {

Result<Frontier> Frontier::Load(TileSource& tiles, std::uint64_t size, NodeHasher hasher) {
  Frontier out(hasher);
  out.size_ = size;
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::uint64_t index = (size >> (kTileHeight * level)) / kTileWidth;
    const TileId tile{level, index, TileWidthIn(size, level, index)};
    if (tile.width != 0) out.edges_[level] = TRY(tiles.Tile(tile));
  }
  return out;
}

void Frontier::Append(const Hash& leaf) {
  Hash hash = leaf;
  ++size_;
  for (unsigned level = 0; level < kTileLevels; ++level) {
    std::vector<Hash>& edge = edges_[level];
    edge.push_back(hash);
    touched_[level] = true;
    if (edge.size() < kTileWidth) return;
    touched_[level] = false;
    hash = RootOf(edge, hasher_);
    const std::uint64_t tile = (size_ >> (kTileHeight * level)) / kTileWidth - 1;
    full_.push_back({{level, tile, kTileWidth}, std::move(edge)});
    edge.clear();
  }
}

Hash Frontier::Root() const {
  // What is right of a level's hashes is one more, lower subtree behind them.
  std::vector<Hash> right;
  for (const std::vector<Hash>& edge : edges_) {
    std::vector<Hash> hashes = edge;
    hashes.insert(hashes.end(), right.begin(), right.end());
    right.clear();
    if (!hashes.empty()) right.push_back(RootOf(std::move(hashes), hasher_));
  }
  return right.empty() ? EmptyRoot() : right.front();
}

std::vector<Frontier::Changed> Frontier::TakeChanged() {
  std::vector<Changed> out = std::move(full_);
  full_.clear();
  for (unsigned level = 0; level < kTileLevels; ++level) {
    if (!touched_[level]) continue;
    touched_[level] = false;
    const std::uint64_t index = (size_ >> (kTileHeight * level)) / kTileWidth;
    out.push_back({{level, index, edges_[level].size()}, edges_[level]});
  }
  return out;
}

}  // namespace assay::ledger
