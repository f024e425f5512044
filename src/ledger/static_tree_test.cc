#include "ledger/static_tree.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/limits.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

struct ExportedTree {
  explicit ExportedTree(std::uint64_t entries) : ledger(Ledger::Open(store, TestKeys()).value()) {
    AppendTests(*ledger, entries);
    Export();
  }
  void Export() {
    files.clear();
    const auto done =
        ExportTree(store, ledger->verifier(), [this](const std::string& path, View content) {
          order.push_back(path);
          files[path] = ToBytes(content);
          return Result<void>();
        });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*done, ledger->checkpoint());
  }
  Result<AuditReport> Audit(const std::optional<Checkpoint>& seen = std::nullopt) {
    return AuditTree(
        [this](const std::string& path, std::size_t most) -> Result<Bytes> {
          const auto found = files.find(path);
          if (found == files.end()) return Fail(ErrorCode::kMissing, path);
          EXPECT_LE(found->second.size(), most);
          return found->second;
        },
        ledger->verifier(), seen);
  }
  void ExpectFinding(std::string_view what, const std::optional<Checkpoint>& seen = std::nullopt) {
    const auto report = Audit(seen);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_FALSE(report->ok()) << what;
    EXPECT_NE(report->findings[0].find(what), std::string::npos) << report->findings[0];
  }

  ObservedStore store;
  std::unique_ptr<Ledger> ledger;
  std::map<std::string, Bytes> files;
  std::vector<std::string> order;
};

TEST(StaticTree, HasTheFilesOfTheSpecification) {
  const ExportedTree tree(600);
  std::vector<std::string> paths;
  for (const auto& [path, content] : tree.files) paths.push_back(path);
  const std::vector<std::string> expected{
      "ccf/checkpoint",   "checkpoint",       "tile/0/000",
      "tile/0/001",       "tile/0/002.p/88",  "tile/1/000.p/2",
      "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"};
  EXPECT_EQ(paths, expected);
  EXPECT_EQ(tree.order.back(), "checkpoint");
  EXPECT_EQ(tree.files.at("tile/0/002.p/88").size(), 88 * 32U);
}

TEST(StaticTree, IsTheTreeOfItsCheckpointForEverySize) {
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 257U, 511U, 512U, 513U}) {
    ExportedTree tree(size);
    const auto report = tree.Audit();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->ok()) << report->findings[0];
    EXPECT_EQ(report->entries, size);
    EXPECT_EQ(report->tiles, tree.files.size() - 2 - TilesIn(size, 0));
  }
}

TEST(StaticTree, IsRefusedWhenAnyFileIsChangedOrMissing) {
  ExportedTree tree(300);
  const auto good = tree.files;
  for (const auto& [path, content] : good) {
    if (path.ends_with("checkpoint")) continue;
    for (const std::size_t at : {std::size_t{0}, content.size() / 2, content.size() - 1}) {
      tree.files[path][at] ^= std::byte{1};
      const auto report = tree.Audit();
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_FALSE(report->ok()) << path << " byte " << at;
      tree.files = good;
    }
    tree.files.erase(path);
    tree.ExpectFinding(path + " is missing");
    tree.files = good;
  }
  tree.files["checkpoint"][30] ^= std::byte{1};
  EXPECT_FALSE(tree.Audit());
}

TEST(StaticTree, HasTheSecondTreeThatItsCheckpointSigns) {
  ExportedTree tree(300);
  const LedgerKeys keys = TestKeys();
  const auto put = [&](const std::function<void(Checkpoint&)>& change) {
    Checkpoint ccf = ReadHead(tree.store, tree.ledger->verifier()).value()->ccf.checkpoint;
    change(ccf);
    tree.files["ccf/checkpoint"] = ToBytes(AsBytes(SignCheckpoint(ccf, keys.signing).value()));
  };
  put([](Checkpoint&) {});
  EXPECT_TRUE(tree.Audit()->ok());
  put([](Checkpoint& ccf) { ccf.root[0] ^= std::byte{1}; });
  tree.ExpectFinding(
      "the first 300 entries have not the root that the checkpoint of the second tree");
  put([](Checkpoint& ccf) { ccf.size = 200; });
  tree.ExpectFinding(
      "the first 200 entries have not the root that the checkpoint of the second tree");
  put([](Checkpoint& ccf) { ccf.size = 301; });
  tree.ExpectFinding("the second tree has 301 entries, and this one 300");
  // The checkpoint of the published tree is none of the second.
  tree.files["ccf/checkpoint"] = tree.files["checkpoint"];
  EXPECT_FALSE(tree.Audit());
  // It need not be published.
  tree.files.erase("ccf/checkpoint");
  EXPECT_TRUE(tree.Audit()->ok());
}

TEST(StaticTree, ContinuesEveryCheckpointThatWasSeen) {
  ExportedTree tree(0);
  std::vector<Checkpoint> seen{tree.ledger->checkpoint()};
  for (std::uint64_t i = 0; i < 20; ++i) {
    tree.ledger->Append(TestRecord(i)).value();
    seen.push_back(tree.ledger->checkpoint());
  }
  tree.Export();
  for (const Checkpoint& one : seen) {
    const auto report = tree.Audit(one);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->ok()) << report->findings[0];
    Checkpoint other = one;
    other.root[0] ^= std::byte{1};
    tree.ExpectFinding("forked", other);
  }
}

// A fork: two servers that began from one backup. Each tree is whole by itself.
TEST(StaticTree, IsAForkWhenItsBeginningIsAnother) {
  ExportedTree tree(5);
  const auto backup = tree.store.Rows();
  AppendTests(*tree.ledger, 5);
  const Checkpoint seen = tree.ledger->checkpoint();
  tree.store.Restore(backup);
  tree.ledger = Ledger::Open(tree.store, TestKeys()).value();
  for (std::uint64_t i = 0; i < 9; ++i) tree.ledger->Append(TestRecord(100 + i)).value();
  tree.Export();
  EXPECT_TRUE(tree.Audit()->ok());
  tree.ExpectFinding("forked: the first 10 entries are others", seen);
}

TEST(StaticTree, IsRolledBackWhenItIsShorterThanWhatWasSeen) {
  ExportedTree tree(5);
  const auto backup = tree.store.Rows();
  AppendTests(*tree.ledger, 5);
  const Checkpoint seen = tree.ledger->checkpoint();
  tree.store.Restore(backup);
  tree.ledger = Ledger::Open(tree.store, TestKeys()).value();
  tree.Export();
  tree.ExpectFinding("rolled back: a checkpoint of 10 entries was seen before, and this one has 5",
                     seen);
}

}  // namespace
}  // namespace assay::ledger
