// For tests: the tree by the letter of RFC 9162 §2.1, and tiles in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/frontier.h"

namespace assay::ledger {

// The n-th leaf of test trees.
inline Bytes TestLeaf(std::uint64_t n) { return ToBytes(AsBytes("leaf " + std::to_string(n))); }

// Recomputes everything from the leaf hashes at each call.
class NaiveTree {
 public:
  explicit NaiveTree(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) leaves_.push_back(LeafHash(TestLeaf(i)));
  }

  const Hash& leaf(std::uint64_t index) const { return leaves_[index]; }
  // MTH(D[begin:end]), §2.1.1.
  Hash Root(std::uint64_t begin, std::uint64_t end) const {
    if (begin == end) return EmptyRoot();
    if (end - begin == 1) return leaves_[begin];
    const std::uint64_t middle = begin + Split(end - begin);
    return NodeHash(Root(begin, middle), Root(middle, end));
  }
  Hash Root(std::uint64_t size) const { return Root(0, size); }

  // PATH(index, D[begin:end]), §2.1.3.1.
  std::vector<Hash> Path(std::uint64_t index, std::uint64_t begin, std::uint64_t end) const {
    if (end - begin == 1) return {};
    const std::uint64_t middle = begin + Split(end - begin);
    const bool left = index < middle;
    std::vector<Hash> out = left ? Path(index, begin, middle) : Path(index, middle, end);
    out.push_back(left ? Root(middle, end) : Root(begin, middle));
    return out;
  }

  // SUBPROOF(first, D[begin:end], whole), §2.1.4.1; `first` counts from 0, not from begin.
  std::vector<Hash> Subproof(std::uint64_t first, std::uint64_t begin, std::uint64_t end,
                             bool whole) const {
    if (first == end) return whole ? std::vector<Hash>{} : std::vector<Hash>{Root(begin, end)};
    const std::uint64_t middle = begin + Split(end - begin);
    const bool left = first <= middle;
    std::vector<Hash> out =
        left ? Subproof(first, begin, middle, whole) : Subproof(first, middle, end, false);
    out.push_back(left ? Root(middle, end) : Root(begin, middle));
    return out;
  }

 private:
  static std::uint64_t Split(std::uint64_t n) {
    std::uint64_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
  }
  std::vector<Hash> leaves_;
};

class MemoryTiles final : public TileSource {
 public:
  Result<std::vector<Hash>> Tile(const TileId& tile) override {
    ++reads;
    const auto found = tiles.find({tile.level, tile.index});
    if (found == tiles.end()) return Fail(ErrorCode::kMissing, "no " + TilePath(tile));
    return UnpackTile(PackTile(found->second), tile);
  }
  void Put(Frontier& frontier) {
    for (const auto& one : frontier.TakeChanged()) tiles[{one.id.level, one.id.index}] = one.hashes;
  }

  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> tiles;
  std::size_t reads = 0;
};

}  // namespace assay::ledger
