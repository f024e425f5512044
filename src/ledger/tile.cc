#include "ledger/tile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::ledger {
namespace {

// 1234067 as "x001/x234/067".
std::string IndexPath(std::uint64_t index) {
  std::string out = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) {
    out.insert(0, fmt::format("x{:03}/", index % 1000));
  }
  return out;
}

std::string PartialSuffix(const TileId& tile) {
  return tile.width == kTileWidth ? "" : fmt::format(".p/{}", tile.width);
}

}  // namespace

std::string TilePath(const TileId& tile) {
  return fmt::format("tile/{}/{}{}", tile.level, IndexPath(tile.index), PartialSuffix(tile));
}

std::string EntriesPath(const TileId& tile) {
  return "tile/entries/" + IndexPath(tile.index) + PartialSuffix(tile);
}

std::size_t TileWidthIn(std::uint64_t size, unsigned level, std::uint64_t index) {
  const std::uint64_t hashes = level < kTileLevels ? size >> (kTileHeight * level) : 0;
  const std::uint64_t full = hashes / kTileWidth;
  if (index < full) return kTileWidth;
  return index == full ? hashes % kTileWidth : 0;
}

std::uint64_t TilesIn(std::uint64_t size, unsigned level) {
  const std::uint64_t hashes = level < kTileLevels ? size >> (kTileHeight * level) : 0;
  return hashes / kTileWidth + (hashes % kTileWidth != 0 ? 1 : 0);
}

Bytes PackTile(const std::vector<Hash>& hashes) {
  Bytes out;
  out.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& one : hashes) Append(out, one);
  return out;
}

Result<std::vector<Hash>> UnpackTile(View packed, const TileId& tile) {
  if (packed.size() % sizeof(Hash) != 0 || packed.size() > kTileWidth * sizeof(Hash)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("ledger: {}: expected up to 256 hashes of 32 bytes, found {} bytes",
                            TilePath(tile), packed.size()));
  }
  const std::string what = TilePath(tile);
  Reader reader(packed, what);
  std::vector<Hash> out;
  for (std::size_t i = 0; i < tile.width; ++i) {
    out.push_back(TRY(reader.Array<sizeof(Hash)>("hash")));
  }
  return out;
}

void AppendToBundle(Bytes& bundle, View leaf) {
  bundle.push_back(static_cast<std::byte>(leaf.size() >> 8U));
  bundle.push_back(static_cast<std::byte>(leaf.size() & 0xFFU));
  Append(bundle, leaf);
}

Result<std::vector<Bytes>> ParseBundle(View bundle, std::size_t count) {
  Reader reader(bundle, "entry bundle");
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t size = TRY(reader.U16Be("length"));
    if (size > limits::kLedgerLeafBytes) {
      return Fail(ErrorCode::kMalformed, fmt::format("entry bundle: an entry has {} bytes, at most "
                                                     "{} are accepted",
                                                     size, limits::kLedgerLeafBytes));
    }
    out.push_back(ToBytes(TRY(reader.Take(size, "entry"))));
  }
  TRY_VOID(reader.ExpectEnd());
  return out;
}

Result<Hash> TileNodes::Node(NodeId id) {
  const unsigned level = id.level / kTileHeight;
  const unsigned above = id.level % kTileHeight;
  const std::uint64_t first = id.index << above;  // of the hashes of that tile level
  const TileId tile{level, first / kTileWidth, TileWidthIn(size_, level, first / kTileWidth)};
  const std::size_t from = first % kTileWidth;
  const std::size_t count = std::size_t{1} << above;
  if (from + count > tile.width) {
    return Fail(ErrorCode::kInternal, fmt::format("ledger: no complete subtree ({}, {}) in a tree "
                                                  "of {}",
                                                  id.level, id.index, size_));
  }
  auto known = std::find_if(kept_.begin(), kept_.end(),
                            [level](const Kept& one) { return one.id.level == level; });
  if (known == kept_.end()) known = kept_.insert(kept_.end(), Kept{{level, 0, 0}, {}});
  if (known->id != tile) {
    known->hashes = TRY(tiles_.Tile(tile));
    known->id = tile;
  }
  const auto begin = known->hashes.begin() + static_cast<std::ptrdiff_t>(from);
  return RootOf({begin, begin + static_cast<std::ptrdiff_t>(count)}, hasher());
}

}  // namespace assay::ledger
