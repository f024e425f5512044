#include "ledger/merkle.h"

#include <fmt/format.h>

#include <bit>

namespace assay::ledger {
namespace {

// D[begin:end] of one proof's element.
struct LeafRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// The largest power of two below `n`, which is at least 2: k of RFC 9162 §2.1.1.
std::uint64_t SplitOf(std::uint64_t n) { return std::bit_floor(n - 1); }

// MTH of a range whose begin is aligned as ranges of the recursion are: complete subtrees from left
// to right, combined from the right.
Result<Hash> RangeHash(NodeSource& nodes, LeafRange range) {
  std::vector<NodeId> complete;
  for (std::uint64_t at = range.begin; at < range.end;) {
    const std::uint64_t width = std::bit_floor(range.end - at);
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    complete.push_back({level, at >> level});
    at += width;
  }
  Hash out = TRY(nodes.Node(complete.back()));
  for (std::size_t i = complete.size() - 1; i-- > 0;) {
    const Hash left = TRY(nodes.Node(complete[i]));
    out = nodes.hasher()(left, out);
  }
  return out;
}

// PATH of §2.1.3.1 as a loop: from the root downwards, so the last range comes first in the proof.
std::vector<LeafRange> InclusionRanges(std::uint64_t index, std::uint64_t size) {
  std::vector<LeafRange> out;
  LeafRange in{0, size};
  while (in.end - in.begin > 1) {
    const std::uint64_t middle = in.begin + SplitOf(in.end - in.begin);
    const bool left = index < middle;
    out.push_back(left ? LeafRange{middle, in.end} : LeafRange{in.begin, middle});
    in = left ? LeafRange{in.begin, middle} : LeafRange{middle, in.end};
  }
  return out;
}

// SUBPROOF of §2.1.4.1 as a loop: `whole` says that D[begin:first] is a subtree of the older tree
// whose hash the verifier knows, its root.
std::vector<LeafRange> ConsistencyRanges(std::uint64_t first, std::uint64_t second) {
  std::vector<LeafRange> out;
  LeafRange in{0, second};
  bool whole = true;
  while (first != in.end) {
    const std::uint64_t middle = in.begin + SplitOf(in.end - in.begin);
    if (first <= middle) {
      out.push_back({middle, in.end});
      in.end = middle;
    } else {
      out.push_back({in.begin, middle});
      in.begin = middle;
      whole = false;
    }
  }
  if (!whole) out.push_back(in);
  return out;
}

Result<std::vector<Hash>> HashesOf(NodeSource& nodes, const std::vector<LeafRange>& ranges) {
  std::vector<Hash> out;
  for (auto it = ranges.rbegin(); it != ranges.rend(); ++it) {
    out.push_back(TRY(RangeHash(nodes, *it)));
  }
  return out;
}

}  // namespace

Hash EmptyRoot() { return Sha256({}); }

Hash LeafHash(View leaf) {
  Bytes input{std::byte{0}};
  Append(input, leaf);
  return Sha256(input);
}

Hash NodeHash(const Hash& left, const Hash& right) {
  ByteArray<1 + 2 * sizeof(Hash)> input{};
  input[0] = std::byte{1};
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 1 + left.size());
  return Sha256(input);
}

Hash RootOf(std::vector<Hash> hashes, NodeHasher hasher) {
  // A last one without a partner goes up as it is: the same tree as §2.1.1 splits.
  while (hashes.size() > 1) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < hashes.size(); i += 2) {
      hashes[count++] = i + 1 < hashes.size() ? hasher(hashes[i], hashes[i + 1]) : hashes[i];
    }
    hashes.resize(count);
  }
  return hashes.empty() ? EmptyRoot() : hashes.front();
}

Result<Hash> TreeRoot(NodeSource& nodes, std::uint64_t size) {
  if (size == 0) return EmptyRoot();
  return RangeHash(nodes, {0, size});
}

Result<std::vector<Hash>> InclusionProof(NodeSource& nodes, std::uint64_t index,
                                         std::uint64_t size) {
  if (index >= size) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("ledger: there is no entry {} in a tree of {}", index, size));
  }
  return HashesOf(nodes, InclusionRanges(index, size));
}

Result<std::vector<Hash>> ConsistencyProof(NodeSource& nodes, std::uint64_t first,
                                           std::uint64_t second) {
  if (first == 0 || first > second) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("ledger: no consistency of trees of {} and {} can be proved: expected "
                            "1 <= first <= second",
                            first, second));
  }
  return HashesOf(nodes, ConsistencyRanges(first, second));
}

std::vector<Side> InclusionSides(std::uint64_t index, std::uint64_t size) {
  std::vector<Side> out;
  if (index >= size) return out;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  while (sn != 0) {
    const bool left = (fn & 1U) != 0 || fn == sn;
    out.push_back(left ? Side::kLeft : Side::kRight);
    while (left && (fn & 1U) == 0 && fn != 0) {
      fn >>= 1U;
      sn >>= 1U;
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return out;
}

std::optional<Hash> RootOfInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                    const std::vector<Hash>& proof) {
  const std::vector<Side> sides = InclusionSides(index, size);
  if (index >= size || sides.size() != proof.size()) return std::nullopt;
  Hash r = leaf;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    r = sides[i] == Side::kLeft ? NodeHash(proof[i], r) : NodeHash(r, proof[i]);
  }
  return r;
}

bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                     const std::vector<Hash>& proof, const Hash& root) {
  return RootOfInclusion(index, size, leaf, proof) == root;
}

std::optional<Hash> RootOfConsistency(std::uint64_t first, std::uint64_t second,
                                      const Hash& first_root, const std::vector<Hash>& proof) {
  if (first == 0 || first > second) return std::nullopt;
  if (first == second) return proof.empty() ? std::optional(first_root) : std::nullopt;
  if (proof.empty()) return std::nullopt;
  std::vector<Hash> path = proof;
  if (std::has_single_bit(first)) path.insert(path.begin(), first_root);
  std::uint64_t fn = first - 1;
  std::uint64_t sn = second - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  Hash fr = path.front();
  Hash sr = path.front();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (sn == 0) return std::nullopt;
    if ((fn & 1U) != 0 || fn == sn) {
      fr = NodeHash(path[i], fr);
      sr = NodeHash(path[i], sr);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      sr = NodeHash(sr, path[i]);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  if (fr != first_root || sn != 0) return std::nullopt;
  return sr;
}

bool VerifyConsistency(std::uint64_t first, std::uint64_t second, const Hash& first_root,
                       const Hash& second_root, const std::vector<Hash>& proof) {
  return RootOfConsistency(first, second, first_root, proof) == second_root;
}

}  // namespace assay::ledger
