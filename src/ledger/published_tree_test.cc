#include "ledger/published_tree.h"

#include <gtest/gtest.h>

#include "ledger/static_tree.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

TEST(TreePath, IsReadAsItWasWritten) {
  for (const std::uint64_t index : {0U, 7U, 999U, 1000U, 1'234'067U}) {
    for (const std::size_t width : {std::size_t{1}, std::size_t{255}, kTileWidth}) {
      for (const unsigned level : {0U, 1U, 7U}) {
        const TreePath path{false, {level, index, width}};
        EXPECT_EQ(ParseTreePath(TilePath(path.tile)), path);
      }
      const TreePath path{true, {0, index, width}};
      EXPECT_EQ(ParseTreePath(EntriesPath(path.tile)), path);
    }
  }
}

TEST(TreePath, HasOneSpelling) {
  for (const char* path : {"",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/0000",
                           "tile/00/000",
                           "tile/8/000",
                           "tile/+1/000",
                           "tile/0/x000/000",
                           "tile/0/x001",
                           "tile/0/x001/",
                           "tile/0/001/000",
                           "tile/0/x001/x000",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/01",
                           "tile/0/000.p/256",
                           "tile/0/000.p/257",
                           "tile/0/000.p/1/",
                           "tile/0/000/",
                           "tile/0/000.p",
                           "tile/entries/000.p/256",
                           "tile/entries/",
                           "tile/data/000",
                           "/tile/0/000",
                           "tile//000",
                           "tile/0/-01",
                           "tile/0/x01/000",
                           "tile/0/x001x002/000",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_FALSE(ParseTreePath(path)) << path;
  }
}

struct StoredTree {
  explicit StoredTree(std::uint64_t size) : ledger(Ledger::Open(store, TestKeys()).value()) {
    AppendTests(*ledger, size);
  }
  Result<Bytes> Read(std::string_view path) {
    return ReadTreeFileFrom(store, ParseTreePath(path).value());
  }
  ObservedStore store;
  std::unique_ptr<Ledger> ledger;
};

TEST(PublishedTree, HasTheFilesOfAnExport) {
  StoredTree tree(600);
  std::size_t files = 0;
  ASSERT_TRUE(ExportTree(tree.store, tree.ledger->verifier(),
                         [&](const std::string& path, View content) -> Result<void> {
                           if (path == kCheckpointPath || path == kCcfCheckpointPath) return {};
                           ++files;
                           EXPECT_TRUE(Equal(tree.Read(path).value(), content)) << path;
                           return {};
                         }));
  EXPECT_EQ(files, 7U);  // three tiles and bundles of level 0, one tile of level 1
}

TEST(PublishedTree, StillHasThePartialFilesOfSmallerTrees) {
  StoredTree tree(300);
  const Bytes full = tree.Read("tile/0/000").value();
  const Bytes part = tree.Read("tile/0/000.p/17").value();
  EXPECT_TRUE(Equal(part, View(full).first(17 * sizeof(Hash))));
  const auto leaves = ParseBundle(tree.Read("tile/entries/001.p/3").value(), 3);
  ASSERT_TRUE(leaves);
  EXPECT_EQ(leaves->at(2), ReadEntry(tree.store, 258)->leaf);
}

TEST(PublishedTree, HasNoFilesOfLargerTrees) {
  StoredTree tree(300);
  for (const char* path :
       {"tile/0/001", "tile/0/001.p/45", "tile/0/002.p/1", "tile/1/000.p/2", "tile/2/000.p/1",
        "tile/entries/001", "tile/entries/001.p/45", "tile/entries/002.p/1"}) {
    const auto file = tree.Read(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::kMissing) << path;
  }
}

TEST(PublishedTree, ReadsABundleInOneScan) {
  StoredTree tree(600);
  tree.store.gets = tree.store.scans = 0;
  ASSERT_TRUE(tree.Read("tile/entries/001"));
  EXPECT_EQ(tree.store.scans, 1U);
  EXPECT_EQ(tree.store.gets, 0U);
}

}  // namespace
}  // namespace assay::ledger
