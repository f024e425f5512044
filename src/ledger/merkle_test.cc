// Proofs from tiles against a tree that follows the letter of RFC 9162: each size to 2,000, and
// random sizes to a million.
#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "base/encoding.h"
#include "ledger/testing.h"

namespace assay::ledger {
namespace {

constexpr std::uint64_t kEverySize = 2000;
constexpr std::uint64_t kEveryProof = 96;

void ExpectInclusion(MemoryTiles& tiles, const NaiveTree& naive, const Hash& root,
                     std::uint64_t index, std::uint64_t size) {
  TileNodes nodes(tiles, size);
  const auto proof = InclusionProof(nodes, index, size);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(*proof, naive.Path(index, 0, size)) << index << " of " << size;
  EXPECT_TRUE(VerifyInclusion(index, size, naive.leaf(index), *proof, root));
  EXPECT_FALSE(VerifyInclusion(index, size, LeafHash(AsBytes("other")), *proof, root));
}

void ExpectConsistency(MemoryTiles& tiles, const NaiveTree& naive, const Hash& first_root,
                       const Hash& root, std::uint64_t first, std::uint64_t size) {
  TileNodes nodes(tiles, size);
  const auto proof = ConsistencyProof(nodes, first, size);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(*proof, naive.Subproof(first, 0, size, true)) << first << " to " << size;
  EXPECT_TRUE(VerifyConsistency(first, size, first_root, root, *proof)) << first << " to " << size;
  EXPECT_FALSE(VerifyConsistency(first, size, LeafHash({}), root, *proof));
  EXPECT_FALSE(VerifyConsistency(first, size, first_root, LeafHash({}), *proof));
}

TEST(Merkle, HashesAsTheRfcHasIt) {
  // §2.1.1: the empty tree is the hash of nothing; a leaf begins with 0, a node with 1.
  EXPECT_EQ(HexEncode(EmptyRoot()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(LeafHash(AsBytes("x")), Sha256(HexDecode("0078").value()));
  Bytes node{std::byte{1}};
  Append(node, LeafHash(AsBytes("x")));
  Append(node, EmptyRoot());
  EXPECT_EQ(NodeHash(LeafHash(AsBytes("x")), EmptyRoot()), Sha256(node));
}

TEST(Merkle, ProvesWhatTheNaiveTreeProvesForEachSizeToTwoThousand) {
  const NaiveTree naive(kEverySize);
  std::minstd_rand random(20261126);
  MemoryTiles tiles;
  Frontier frontier;
  std::vector<Hash> roots{EmptyRoot()};
  std::size_t proofs = 0;
  for (std::uint64_t size = 1; size <= kEverySize; ++size) {
    frontier.Append(naive.leaf(size - 1));
    tiles.Put(frontier);
    roots.push_back(naive.Root(size));
    ASSERT_EQ(frontier.Root(), roots[size]) << size;
    TileNodes nodes(tiles, size);
    ASSERT_EQ(TreeRoot(nodes, size).value(), roots[size]) << size;
    const std::uint64_t step = size <= kEveryProof ? 1 : size / 2 + random() % (size / 2);
    for (std::uint64_t i = size <= kEveryProof ? 0 : random() % step; i < size; i += step) {
      ExpectInclusion(tiles, naive, roots[size], i, size);
      ExpectConsistency(tiles, naive, roots[i + 1], roots[size], i + 1, size);
      proofs += 2;
    }
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_GT(proofs, 2 * (kEveryProof * kEveryProof / 2 + kEverySize - kEveryProof));
  std::cout << proofs << " proofs equal those of the naive tree\n";
}

TEST(Merkle, ProvesWhatTheNaiveTreeProvesForRandomSizesToAMillion) {
  constexpr std::uint64_t kMost = 1'000'000;
  const NaiveTree naive(kMost);
  std::minstd_rand random(9162);
  std::vector<std::uint64_t> sizes{65'535, 65'536, 65'537, kMost};
  for (int i = 0; i < 4; ++i) sizes.push_back(1 + random() % kMost);
  for (const std::uint64_t size : sizes) {
    MemoryTiles tiles;
    Frontier frontier;
    for (std::uint64_t i = 0; i < size; ++i) frontier.Append(naive.leaf(i));
    tiles.Put(frontier);
    const Hash root = naive.Root(size);
    ASSERT_EQ(frontier.Root(), root) << size;
    const std::uint64_t index = random() % size;
    ExpectInclusion(tiles, naive, root, index, size);
    ExpectConsistency(tiles, naive, naive.Root(index + 1), root, index + 1, size);
  }
}

TEST(Merkle, ReadsOneTileOfEachLevelForAnInclusionProof) {
  MemoryTiles tiles;
  Frontier frontier;
  for (std::uint64_t i = 0; i < 70'000; ++i) frontier.Append(LeafHash(TestLeaf(i)));
  tiles.Put(frontier);
  TileNodes nodes(tiles, 70'000);
  ASSERT_TRUE(InclusionProof(nodes, 12'345, 70'000));
  // The path down to the leaf, and the right edge of the levels.
  EXPECT_LE(tiles.reads, 6U);
}

TEST(Merkle, RefusesProofsOfAnotherShape) {
  const NaiveTree naive(13);
  for (std::uint64_t size = 1; size <= 13; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> good = naive.Path(index, 0, size);
      std::vector<Hash> longer = good;
      longer.push_back(naive.leaf(0));
      EXPECT_FALSE(RootOfInclusion(index, size, naive.leaf(index), longer));
      if (good.empty()) continue;
      const std::vector<Hash> shorter(good.begin(), good.end() - 1);
      EXPECT_FALSE(RootOfInclusion(index, size, naive.leaf(index), shorter));
    }
    EXPECT_FALSE(RootOfInclusion(size, size, naive.leaf(0), {}));
  }
}

TEST(Merkle, RefusesToProveWhatIsNotThere) {
  MemoryTiles tiles;
  TileNodes nodes(tiles, 3);
  EXPECT_FALSE(InclusionProof(nodes, 3, 3));
  EXPECT_FALSE(ConsistencyProof(nodes, 0, 3));
  EXPECT_FALSE(ConsistencyProof(nodes, 4, 3));
}

TEST(Frontier, IsTheSameAfterItIsReadBack) {
  std::minstd_rand random(7);
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 257U, 65'535U, 65'536U, 66'000U}) {
    MemoryTiles tiles;
    Frontier frontier;
    for (std::uint64_t i = 0; i < size; ++i) {
      frontier.Append(LeafHash(TestLeaf(i)));
      if (random() % 1000 == 0) tiles.Put(frontier);
    }
    tiles.Put(frontier);
    auto read = Frontier::Load(tiles, size);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->Root(), frontier.Root());
    for (Frontier* one : {&frontier, &*read}) one->Append(LeafHash(AsBytes("next")));
    EXPECT_EQ(read->Root(), frontier.Root());
    EXPECT_EQ(read->size(), size + 1);
  }
}

}  // namespace
}  // namespace assay::ledger
