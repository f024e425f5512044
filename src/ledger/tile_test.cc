#include "ledger/tile.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay::ledger {
namespace {

TEST(Tile, HasThePathOfTheSpecification) {
  EXPECT_EQ(TilePath({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(TilePath({1, 1'234'067, 256}), "tile/1/x001/x234/067");
  EXPECT_EQ(TilePath({2, 1000, 1}), "tile/2/x001/000.p/1");
  EXPECT_EQ(EntriesPath({0, 999, 255}), "tile/entries/999.p/255");
  EXPECT_EQ(EntriesPath({0, 18'446'744'073'709'551'615U, 256}),
            "tile/entries/x018/x446/x744/x073/x709/x551/615");
}

// The two examples of C2SP tlog-tiles, "Partial Tiles".
TEST(Tile, HasTheWidthsOfTheSpecification) {
  EXPECT_EQ(TilesIn(70'000, 0), 274U);
  EXPECT_EQ(TileWidthIn(70'000, 0, 272), 256U);
  EXPECT_EQ(TileWidthIn(70'000, 0, 273), 112U);
  EXPECT_EQ(TileWidthIn(70'000, 0, 274), 0U);
  EXPECT_EQ(TileWidthIn(70'000, 1, 0), 256U);
  EXPECT_EQ(TileWidthIn(70'000, 1, 1), 17U);
  EXPECT_EQ(TileWidthIn(70'000, 2, 0), 1U);
  EXPECT_EQ(TilesIn(70'000, 3), 0U);
  EXPECT_EQ(TileWidthIn(256, 0, 0), 256U);
  EXPECT_EQ(TilesIn(256, 0), 1U);
  EXPECT_EQ(TileWidthIn(256, 1, 0), 1U);
  EXPECT_EQ(TilesIn(0, 0), 0U);
  EXPECT_EQ(TileWidthIn(~std::uint64_t{0}, 8, 0), 0U);
}

TEST(Tile, ReadsItsHashesAndIgnoresThoseOfALargerTree) {
  const std::vector<Hash> hashes{LeafHash(AsBytes("a")), LeafHash(AsBytes("b"))};
  const Bytes packed = PackTile(hashes);
  EXPECT_EQ(UnpackTile(packed, {0, 0, 2}).value(), hashes);
  EXPECT_EQ(UnpackTile(packed, {0, 0, 1}).value(), std::vector<Hash>{hashes[0]});
  EXPECT_FALSE(UnpackTile(packed, {0, 0, 3}));
  EXPECT_FALSE(UnpackTile(View(packed).first(63), {0, 0, 1}));
  EXPECT_FALSE(UnpackTile(Bytes(257 * sizeof(Hash)), {0, 0, 1}));
}

TEST(Bundle, ReadsExactlyItsEntries) {
  Bytes bundle;
  AppendToBundle(bundle, AsBytes("one"));
  AppendToBundle(bundle, {});
  AppendToBundle(bundle, Bytes(300));
  EXPECT_EQ(bundle[0], std::byte{0});
  EXPECT_EQ(bundle[1], std::byte{3});
  EXPECT_EQ(bundle[7], std::byte{1});  // 300 = 0x012C
  EXPECT_EQ(bundle[8], std::byte{0x2C});
  const auto read = ParseBundle(bundle, 3);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at(0), ToBytes(AsBytes("one")));
  EXPECT_EQ(read->at(1), Bytes());
  EXPECT_EQ(read->at(2), Bytes(300));
  EXPECT_FALSE(ParseBundle(bundle, 2));
  EXPECT_FALSE(ParseBundle(bundle, 4));
  EXPECT_FALSE(ParseBundle(View(bundle).first(bundle.size() - 1), 3));
}

TEST(Bundle, RefusesAnEntryThatIsTooLarge) {
  Bytes bundle;
  AppendToBundle(bundle, Bytes(limits::kLedgerLeafBytes));
  EXPECT_TRUE(ParseBundle(bundle, 1));
  bundle.clear();
  AppendToBundle(bundle, Bytes(limits::kLedgerLeafBytes + 1));
  EXPECT_FALSE(ParseBundle(bundle, 1));
}

}  // namespace
}  // namespace assay::ledger
