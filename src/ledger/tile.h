// Tiles of height 8 (C2SP tlog-tiles): a tile of level L holds the roots of up to 256 consecutive
// complete subtrees over 256^L leaves each. They are how the tree is stored and how it is
// published; nodes between two levels are hashed anew, at most 255 of them for one node.
#pragma once

#include <string>

#include "ledger/merkle.h"

namespace assay::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::size_t kTileWidth = 256;
// Levels 0 to 7 have all trees of up to 2^63 leaves.
inline constexpr unsigned kTileLevels = 8;

struct TileId {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::size_t width = kTileWidth;  // 1 to 256; fewer than 256: a partial tile
  bool operator==(const TileId&) const = default;
};

// "tile/1/x001/x234/067.p/17".
std::string TilePath(const TileId& tile);
// "tile/entries/x001/x234/067.p/17": the entries under a tile of level 0.
std::string EntriesPath(const TileId& tile);

// How many hashes a tile has in a tree of `size` leaves; 0: it has no such tile.
std::size_t TileWidthIn(std::uint64_t size, unsigned level, std::uint64_t index);
// How many tiles of that level, the partial one included.
std::uint64_t TilesIn(std::uint64_t size, unsigned level);

Bytes PackTile(const std::vector<Hash>& hashes);
// kMalformed unless it holds `width` hashes at least; what follows them is of a larger tree.
Result<std::vector<Hash>> UnpackTile(View packed, const TileId& tile);

// Entry bundles: each entry behind its length, 16 bits big-endian.
void AppendToBundle(Bytes& bundle, View leaf);
// Exactly `count` entries and nothing behind them.
Result<std::vector<Bytes>> ParseBundle(View bundle, std::size_t count);

// Where tiles are kept: `width` hashes of a tile.
class TileSource {
 public:
  TileSource() = default;
  virtual ~TileSource() = default;
  TileSource(const TileSource&) = delete;
  TileSource& operator=(const TileSource&) = delete;
  virtual Result<std::vector<Hash>> Tile(const TileId& tile) = 0;
};

// The nodes of a tree of `size` leaves, from its tiles. Keeps the tile it read last of each level:
// one proof reads each of its tiles once.
class TileNodes final : public NodeSource {
 public:
  TileNodes(TileSource& tiles, std::uint64_t size, NodeHasher with = NodeHash)
      : NodeSource(with), tiles_(tiles), size_(size) {}
  Result<Hash> Node(NodeId id) override;

 private:
  struct Kept {
    TileId id;
    std::vector<Hash> hashes;
  };
  TileSource& tiles_;
  const std::uint64_t size_;
  std::vector<Kept> kept_;
};

}  // namespace assay::ledger
