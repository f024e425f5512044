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
  for (unsigned level = kTileLevels; level-- > 0;) {
    auto next = out.edges_[level].cbegin();
    for (std::size_t width = kTileWidth / 2; width > 0; width /= 2) {
      if ((out.edges_[level].size() & width) == 0) continue;
      const auto end = next + static_cast<std::ptrdiff_t>(width);
      out.peaks_.push_back(RootOf({next, end}, hasher));
      next = end;
    }
  }
  return out;
}

void Frontier::Append(const Hash& leaf) {
  Hash hash = leaf;
  Enter(0, hash);
  unsigned height = 0;
  for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
    hash = hasher_(peaks_.back(), hash);
    peaks_.pop_back();
    if (++height % kTileHeight == 0) Enter(height / kTileHeight, hash);
  }
  peaks_.push_back(hash);
  ++size_;
}

// The newest hash of a level. One that fills its tile is followed by the tile's root, a level up.
void Frontier::Enter(unsigned level, const Hash& hash) {
  std::vector<Hash>& edge = edges_[level];
  edge.push_back(hash);
  touched_[level] = edge.size() < kTileWidth;
  if (touched_[level]) return;
  const std::uint64_t tile = (size_ >> (kTileHeight * level)) / kTileWidth;
  full_.push_back({{level, tile, kTileWidth}, std::move(edge)});
  edge.clear();
}

Hash Frontier::Root() const {
  if (peaks_.empty()) return EmptyRoot();
  Hash out = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) out = hasher_(*peak, out);
  return out;
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
