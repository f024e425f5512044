#include "api/ledger_tree.h"

#include <gtest/gtest.h>

#include "ledger/static_tree.h"
#include "ledger/testing_ledger.h"
#include "witness/testing_log.h"

namespace assay {
namespace {

struct TreeOfLedger {
  explicit TreeOfLedger(std::size_t witnesses = 0) {
    ledger::AppendTests(*ledger, 300);
    for (std::size_t i = 0; i < witnesses; ++i) {
      quorum.witnesses.push_back({"w", ledger::NoteKeyKind::kCosignatureV1,
                                  witness::TestKey(static_cast<unsigned char>(i)).Public()});
    }
    quorum.needed = witnesses;
  }
  HttpResponse Get(const std::string& path) {
    const LedgerTree tree(store, ledger->verifier(), quorum,
                          [this] { return ledger->signed_checkpoint(); });
    return path == ledger::kCheckpointPath ? tree.Checkpoint() : tree.File(path);
  }
  std::string Header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  ledger::ObservedStore store;
  std::unique_ptr<ledger::Ledger> ledger = ledger::Ledger::Open(store, ledger::TestKeys()).value();
  witness::Quorum quorum;
};

TEST(LedgerTree, ServesTheFilesOfAnExport) {
  TreeOfLedger tree;
  ASSERT_TRUE(ledger::ExportTree(tree.store, tree.ledger->verifier(),
                                 [&](const std::string& path, View content) -> Result<void> {
                                   // The second tree's is for exports alone.
                                   if (path == ledger::kCcfCheckpointPath) return {};
                                   const HttpResponse got = tree.Get(path);
                                   EXPECT_EQ(got.status, 200U) << path;
                                   EXPECT_TRUE(Equal(AsBytes(got.body), content)) << path;
                                   return {};
                                 }));
}

TEST(LedgerTree, SaysWhatMayBeKept) {
  TreeOfLedger tree;
  const HttpResponse tile = tree.Get("tile/0/000");
  EXPECT_EQ(tile.content_type, "application/octet-stream");
  EXPECT_EQ(tree.Header(tile, "Cache-Control"), "public, max-age=31536000, immutable");
  const HttpResponse checkpoint = tree.Get("checkpoint");
  EXPECT_EQ(checkpoint.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(tree.Header(checkpoint, "Cache-Control"), "public, max-age=1");
}

TEST(LedgerTree, HasNoOtherFiles) {
  TreeOfLedger tree;
  for (const char* path :
       {"tile/0/001", "tile/0/000.p/0", "tile/0/0", "tile/", "tile/../checkpoint"}) {
    const HttpResponse got = tree.Get(path);
    EXPECT_EQ(got.status, 404U) << path;
    EXPECT_EQ(tree.Header(got, "Cache-Control"), "") << path;
  }
}

TEST(LedgerTree, PublishesNoCheckpointBeforeItsQuorum) {
  TreeOfLedger tree(1);
  EXPECT_EQ(tree.Get("checkpoint").status, 404U);
  ledger::Note note = ledger::ParseNote(tree.ledger->signed_checkpoint()).value();
  note.signatures.push_back(
      ledger::CosignNote("w", witness::TestKey(0), note.text, FromUnixSeconds(1)).value());
  ASSERT_TRUE(WritePublication(tree.store, tree.ledger->verifier(), tree.quorum, WriteNote(note)));
  ledger::AppendTests(*tree.ledger, 1);
  EXPECT_EQ(tree.Get("checkpoint").body, WriteNote(note)) << "the newest has none yet";
}

}  // namespace
}  // namespace assay
