#include "ledger/ccf_tree.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "ledger/entry.h"
#include "ledger/testing.h"

namespace assay::ledger {
namespace {

Bytes CcfTestLeaf(std::uint64_t n, std::optional<Hash> claims = std::nullopt) {
  return EncodeLeaf({FromUnixSeconds(static_cast<std::int64_t>(n)), Sha256(TestLeaf(n)), claims});
}

// By the definition, from the leaves.
Hash NaiveCcfRoot(const std::vector<Hash>& leaves, std::size_t begin, std::size_t end) {
  if (end - begin == 1) return leaves[begin];
  std::size_t half = 1;
  while (2 * half < end - begin) half *= 2;
  Bytes both = ToBytes(NaiveCcfRoot(leaves, begin, begin + half));
  Append(both, NaiveCcfRoot(leaves, begin + half, end));
  return Sha256(both);
}

TEST(CcfTree, HashesALeafAsItsThreeComponents) {
  const Hash claims = Sha256(AsBytes("claims"));
  const Bytes leaf = CcfTestLeaf(1, claims);
  const CcfLeaf components = CcfLeafOf(leaf, 14).value();
  EXPECT_EQ(components.write_set, LeafHash(leaf));
  EXPECT_TRUE(components.commit_evidence.starts_with("ce:2.15:")) << components.commit_evidence;
  EXPECT_EQ(components.claims, claims);
  Bytes input = ToBytes(LeafHash(leaf));
  Append(input, Sha256(AsBytes(components.commit_evidence)));
  Append(input, claims);
  EXPECT_EQ(CcfLeafHash(components), Sha256(input));
}

TEST(CcfTree, ClaimsNothingWhereTheLeafDoesNot) {
  EXPECT_TRUE(IsZero(CcfLeafOf(CcfTestLeaf(1), 0).value().claims));
}

TEST(CcfTree, TellsTheSameLeafAtTwoPlacesApart) {
  const Bytes leaf = CcfTestLeaf(1);
  EXPECT_NE(CcfLeafHash(CcfLeafOf(leaf, 0).value()), CcfLeafHash(CcfLeafOf(leaf, 1).value()));
}

TEST(CcfTree, RefusesWhatIsNoLeaf) { EXPECT_FALSE(CcfLeafOf(AsBytes("leaf"), 0)); }

TEST(CcfTree, HasTheRootAndPathsOfTheDefinition) {
  std::vector<Hash> leaves;
  MemoryTiles tiles;
  Frontier frontier(CcfNodeHash);
  for (std::uint64_t i = 0; i < 600; ++i) {
    leaves.push_back(CcfLeafHash(CcfLeafOf(CcfTestLeaf(i), i).value()));
    frontier.Append(leaves.back());
    tiles.Put(frontier);
    const std::uint64_t size = i + 1;
    if (size > 40 && size % 97 != 0) continue;
    const Hash root = NaiveCcfRoot(leaves, 0, size);
    ASSERT_EQ(frontier.Root(), root) << size;
    EXPECT_EQ(Frontier::Load(tiles, size, CcfNodeHash).value().Root(), root);
    TileNodes nodes(tiles, size, CcfNodeHash);
    EXPECT_EQ(TreeRoot(nodes, size).value(), root);
    for (std::uint64_t index = 0; index<size; index += size> 40 ? 13 : 1) {
      const auto path = InclusionProof(nodes, index, size).value();
      const auto sides = InclusionSides(index, size);
      ASSERT_EQ(path.size(), sides.size());
      Hash hash = leaves[index];
      for (std::size_t k = 0; k < path.size(); ++k) {
        hash = sides[k] == Side::kLeft ? CcfNodeHash(path[k], hash) : CcfNodeHash(hash, path[k]);
      }
      EXPECT_EQ(hash, root) << index << " of " << size;
    }
  }
}

TEST(CcfTree, HasNoSidesOutsideTheTree) {
  EXPECT_TRUE(InclusionSides(0, 0).empty());
  EXPECT_TRUE(InclusionSides(3, 3).empty());
  EXPECT_TRUE(InclusionSides(0, 1).empty());
}

TEST(TransactionId, IsReadInOneSpelling) {
  EXPECT_EQ(ToText(TransactionOf(14)), "2.15");
  EXPECT_EQ(ParseTransactionId("2.15").value(), TransactionOf(14));
  EXPECT_EQ(ParseTransactionId("7.18446744073709551615").value().seqno, ~std::uint64_t{0});
  for (const char* wrong : {"", ".", "2", "2.", ".2", "2.0", "02.1", "2.01", "2.-1", "2.1.1",
                            "2.1 ", "+2.1", "2.18446744073709551616", "a.b", "2,1"}) {
    EXPECT_FALSE(ParseTransactionId(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace assay::ledger
