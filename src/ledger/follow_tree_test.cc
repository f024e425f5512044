#include "ledger/follow_tree.h"

#include <gtest/gtest.h>

#include <map>

#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

// A ledger whose tree was exported, as a server has it.
struct ServedTree {
  explicit ServedTree(std::uint64_t size) : ledger(Ledger::Open(store, TestKeys()).value()) {
    Grow(size);
  }
  void Grow(std::uint64_t count) {
    AppendTests(*ledger, count);
    EXPECT_TRUE(
        ExportTree(store, ledger->verifier(), [this](const std::string& path, View content) {
          files[path] = ToBytes(content);
          return Result<void>();
        }));
  }
  ReadTreeFile Read() {
    return [this](const std::string& path, std::size_t most) -> Result<Bytes> {
      ++reads;
      const auto found = files.find(path);
      if (found == files.end()) return Fail(ErrorCode::kMissing, path + " is missing");
      EXPECT_LE(found->second.size(), most);
      return found->second;
    };
  }
  // What it finds; empty: the tree continues what was seen.
  std::string Follow(const std::optional<Checkpoint>& seen) {
    const auto report = FollowTree(Read(), ledger->verifier(), seen);
    if (!report) return "error: " + report.error().message;
    EXPECT_EQ(report->checkpoint, ledger->checkpoint());
    return report->ok() ? "" : report->findings[0];
  }

  ObservedStore store;
  std::unique_ptr<Ledger> ledger;
  std::map<std::string, Bytes> files;
  std::size_t reads = 0;
};

TEST(FollowTree, FollowsATreeThatGrows) {
  ServedTree tree(0);
  EXPECT_EQ(tree.Follow(std::nullopt), "");
  for (const std::uint64_t count : {1U, 4U, 250U, 1U, 344U, 0U}) {
    const Checkpoint seen = tree.ledger->checkpoint();
    tree.Grow(count);
    EXPECT_EQ(tree.Follow(seen), "") << seen.size;
  }
}

TEST(FollowTree, ReadsFewFilesOfALargeTree) {
  ServedTree tree(700);
  const Checkpoint seen = tree.ledger->checkpoint();
  tree.Grow(1500);
  EXPECT_EQ(tree.Follow(seen), "");
  EXPECT_LE(tree.reads, 5U);  // the checkpoint, two tiles of level 0 and the one of level 1
}

// Salts are random: the same records again are another tree.
TEST(FollowTree, AlarmsOnAFork) {
  ServedTree tree(300);
  const Checkpoint seen = tree.ledger->checkpoint();
  for (const std::uint64_t size : {300U, 400U}) {
    EXPECT_NE(ServedTree(size).Follow(seen).find("forked"), std::string::npos) << size;
  }
}

TEST(FollowTree, AlarmsOnARollback) {
  ServedTree tree(300);
  const auto rows = tree.store.Rows();
  tree.Grow(1);
  const Checkpoint seen = tree.ledger->checkpoint();
  EXPECT_NE(ServedTree(299).Follow(seen).find("rolled back"), std::string::npos);
}

TEST(FollowTree, FindsATileThatIsNotOfTheTree) {
  ServedTree tree(300);
  tree.files["tile/0/001.p/44"][0] ^= std::byte{1};
  EXPECT_NE(tree.Follow(std::nullopt).find("have not the root"), std::string::npos);
}

// The root is that of the right edge: what lies left of it shows in the proof.
TEST(FollowTree, FindsATileThatDoesNotProveWhatWasSeen) {
  ServedTree tree(100);
  const Checkpoint seen = tree.ledger->checkpoint();
  tree.Grow(500);
  tree.files["tile/0/000"][0] ^= std::byte{1};
  EXPECT_NE(tree.Follow(seen), "");
}

TEST(FollowTree, FindsATileThatIsMissingOrCutShort) {
  ServedTree tree(300);
  const Bytes tile = tree.files["tile/0/001.p/44"];
  tree.files.erase("tile/0/001.p/44");
  EXPECT_NE(tree.Follow(std::nullopt).find("is missing"), std::string::npos);
  tree.files["tile/0/001.p/44"] = Bytes(tile.begin(), tile.end() - 1);
  EXPECT_NE(tree.Follow(std::nullopt), "");
}

TEST(FollowTree, TakesTheFullTileWhereThePartialOneIsGone) {
  ServedTree tree(300);
  const Bytes note = tree.files["checkpoint"];
  const Checkpoint at = tree.ledger->checkpoint();
  tree.Grow(300);
  tree.files["checkpoint"] = note;
  std::erase_if(tree.files, [](const auto& file) {
    return file.first.find(".p/") != std::string::npos && !file.first.starts_with("tile/1/");
  });
  tree.files["tile/1/000.p/1"] = tree.files["tile/1/000.p/2"];
  const auto report = FollowTree(tree.Read(), tree.ledger->verifier(), at);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->ok()) << report->findings[0];
}

TEST(FollowTree, RefusesACheckpointOfAnotherKey) {
  ServedTree tree(3);
  const NoteVerifier other{"log.example/test", NoteKeyKind::kEd25519,
                           Ed25519Key::Generate().value().Public()};
  EXPECT_FALSE(FollowTree(tree.Read(), other, std::nullopt));
}

}  // namespace
}  // namespace assay::ledger
