#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>

#include "ledger/audit.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

using namespace std::chrono_literals;

// Another process's way to the same rows.
class SharedStore final : public store::Store {
 public:
  explicit SharedStore(store::Store& inner) : inner_(inner) {}
  Result<std::optional<store::Entry>> Get(View key) override { return inner_.Get(key); }
  Result<std::vector<store::Entry>> Scan(View prefix, View after, std::size_t limit) override {
    return inner_.Scan(prefix, after, limit);
  }
  Result<std::uint64_t> Version() override { return inner_.Version(); }
  Result<std::uint64_t> Commit(const store::Batch& batch) override {
    const auto writes_head = [](const store::Put& one) { return one.key == HeadKey(); };
    if (before_head && std::any_of(batch.puts.begin(), batch.puts.end(), writes_head)) {
      before_head();
    }
    return inner_.Commit(batch);
  }

  std::function<void()> before_head;

 private:
  store::Store& inner_;
};

AuditReport AuditAll(store::Store& store, const Ledger& ledger) {
  const LedgerKeys keys = TestKeys();
  auto report = AuditStore(store, ledger.verifier(), &keys.data).value();
  for (const std::string& one : report.findings) ADD_FAILURE() << one;
  return report;
}

TEST(Ledger, AnswersWithTheIndexOfWhatItKept) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  EXPECT_EQ(ledger->checkpoint().size, 0U);
  for (std::uint64_t i = 0; i < 300; ++i) EXPECT_EQ(ledger->Append(TestRecord(i)).value(), i);
  for (const std::uint64_t i : {0U, 1U, 255U, 256U, 299U}) {
    const auto proof = ledger->Prove(i);
    ASSERT_TRUE(proof) << proof.error().message;
    const auto verified = VerifyEntryProof(*proof, ledger->verifier());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->inclusion.index, i);
    EXPECT_EQ(verified->inclusion.tree.size, 300U);
    EXPECT_EQ(verified->record, TestRecord(i));
  }
  EXPECT_FALSE(ledger->Prove(300));
  const AuditReport report = AuditAll(store, *ledger);
  EXPECT_EQ(report.entries, 300U);
  EXPECT_EQ(report.checkpoints, 301U);
  EXPECT_EQ(report.tiles, 3U);
}

TEST(Ledger, ProvesThatEachTreeContinuesThoseBefore) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  std::vector<Checkpoint> seen;
  for (std::uint64_t i = 0; i < 40; ++i) {
    ledger->Append(TestRecord(i)).value();
    seen.push_back(ledger->checkpoint());
  }
  for (const Checkpoint& one : seen) {
    const auto receipt = ledger->ProveConsistency(one.size);
    ASSERT_TRUE(receipt) << receipt.error().message;
    const auto newer = VerifyConsistencyReceipt(*receipt, {one.size, one.root}, ledger->verifier());
    ASSERT_TRUE(newer) << newer.error().message;
    EXPECT_EQ(newer->root, ledger->checkpoint().root);
  }
  EXPECT_FALSE(ledger->ProveConsistency(0));
  EXPECT_FALSE(ledger->ProveConsistency(41));
}

TEST(Ledger, CommitsWhatWaitsTogether) {
  ObservedStore store;
  store.commit_takes = std::chrono::milliseconds(2);
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  std::vector<std::thread> writers;
  std::mutex mutex;
  std::set<std::uint64_t> indices;
  for (int w = 0; w < 16; ++w) {
    writers.emplace_back([&] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        const std::uint64_t index = ledger->Append(TestRecord(i)).value();
        const std::lock_guard lock(mutex);
        indices.insert(index);
      }
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_EQ(indices.size(), 800U);
  EXPECT_EQ(*indices.rbegin(), 799U);
  // At best 50 groups of 16, and never one for each.
  EXPECT_LT(store.commits, 400U);
  EXPECT_EQ(AuditAll(store, *ledger).entries, 800U);
}

TEST(Ledger, GoesOnAfterAReopening) {
  ObservedStore store;
  Checkpoint before;
  {
    const auto ledger = Ledger::Open(store, TestKeys()).value();
    AppendTests(*ledger, 257);
    before = ledger->checkpoint();
  }
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  EXPECT_EQ(ledger->checkpoint(), before);
  EXPECT_EQ(ledger->Append(TestRecord(257)).value(), 257U);
  AuditAll(store, *ledger);
}

TEST(Ledger, OpensByReadingAsManyRowsAsTheTreeHasLevels) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 700);
  store.gets = 0;
  store.scans = 0;
  ASSERT_TRUE(Ledger::Open(store, TestKeys()));
  EXPECT_LE(store.gets + store.scans, 10U);  // key, head, checkpoint, ends, two tiles of each tree
}

TEST(Ledger, IsNotForkedByASecondOneOnTheSameStore) {
  ObservedStore store;
  const auto first = Ledger::Open(store, TestKeys()).value();
  const auto second = Ledger::Open(store, TestKeys()).value();
  std::vector<std::thread> writers;
  std::mutex mutex;
  std::set<std::uint64_t> indices;
  for (Ledger* one : {first.get(), second.get(), first.get(), second.get()}) {
    writers.emplace_back([&, one] {
      for (std::uint64_t i = 0; i < 100; ++i) {
        const std::uint64_t index = one->Append(TestRecord(i)).value();
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(indices.insert(index).second) << index;
      }
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_EQ(indices.size(), 400U);
  ASSERT_TRUE(first->Refresh());
  ASSERT_TRUE(second->Refresh());
  EXPECT_EQ(first->checkpoint().size, 400U);
  EXPECT_EQ(first->signed_checkpoint(), second->signed_checkpoint());
  EXPECT_EQ(AuditAll(store, *first).entries, 400U);
}

// Whatever the slower one wants to commit, the faster one was there a moment before.
TEST(Ledger, GetsItsTurnWhereAnotherIsAlwaysFaster) {
  ObservedStore store;
  const auto faster = Ledger::Open(store, TestKeys()).value();
  SharedStore view(store);
  const auto slower = Ledger::Open(view, TestKeys()).value();
  std::future<void> racing;
  int lost = 0;
  view.before_head = [&] {
    if (racing.valid() && racing.wait_for(0s) != std::future_status::ready) return;  // it waits
    ++lost;
    racing = std::async(std::launch::async, [&] { faster->Append(TestRecord(1)).value(); });
    racing.wait_for(50ms);
  };
  const auto index = slower->Append(TestRecord(0));
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_GT(lost, 1);
  EXPECT_LT(lost, 20);
  racing.get();
  EXPECT_FALSE(store.Get(TurnKey()).value());
  EXPECT_EQ(AuditAll(store, *faster).entries, static_cast<std::uint64_t>(lost) + 1);
}

TEST(Ledger, WaitsForAProcessThatAskedAndIsGoneOnlyOnce) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  store.Put(TurnKey(), AsBytes("gone"));
  EXPECT_EQ(ledger->Append(TestRecord(0)).value(), 0U);
  EXPECT_FALSE(store.Get(TurnKey()).value());
}

TEST(Ledger, RefusesAnotherKeyOriginOrDataKeySize) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  EXPECT_FALSE(Ledger::Open(store, TestKeys("log.example/other")));
  LedgerKeys other = TestKeys();
  other.signing = Ed25519Key::Generate().value();
  EXPECT_FALSE(Ledger::Open(store, std::move(other)));
  LedgerKeys short_key = TestKeys();
  short_key.data = SecretBytes(16);
  EXPECT_FALSE(Ledger::Open(store, std::move(short_key)));
  EXPECT_FALSE(Ledger::Open(store, TestKeys("no name")));
}

// The store takes it and the answer is lost; or the store does not take it.
TEST(Ledger, KnowsAfterAFailureWhatTheStoreHas) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  const auto fail = []() -> Result<void> { return Fail(ErrorCode::kIo, "the disk is gone"); };
  EXPECT_EQ(ledger->Append(TestRecord(0)).value(), 0U);
  store.after_commit = fail;
  EXPECT_FALSE(ledger->Append(TestRecord(1)));
  store.after_commit = nullptr;
  EXPECT_EQ(ledger->Append(TestRecord(2)).value(), 2U);
  store.before_commit = fail;
  EXPECT_FALSE(ledger->Append(TestRecord(3)));
  store.before_commit = nullptr;
  EXPECT_EQ(ledger->Append(TestRecord(4)).value(), 3U);
  EXPECT_EQ(AuditAll(store, *ledger).entries, 4U);
}

TEST(Ledger, AppendsNothingMoreToAStoreThatWasRolledBack) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 5);
  const auto backup = store.Rows();
  AppendTests(*ledger, 5);
  store.Restore(backup);
  const auto refused = ledger->Append(TestRecord(10));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("rolled back or forked"), std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(ledger->Append(TestRecord(11)));
  EXPECT_FALSE(ledger->Refresh());
}

TEST(Ledger, AppendsNothingMoreToAForkOfItsStore) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 5);
  const auto backup = store.Rows();
  AppendTests(*ledger, 5);
  store.Restore(backup);
  {
    const auto other = Ledger::Open(store, TestKeys()).value();
    for (std::uint64_t i = 20; i < 40; ++i) other->Append(TestRecord(i)).value();
  }
  const auto refused = ledger->Append(TestRecord(10));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("rolled back or forked"), std::string::npos);
}

TEST(Ledger, RedactsABodyAndKeepsItsProof) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 3);
  const Bytes leaf = ledger->Prove(1).value().leaf;
  EXPECT_EQ(ledger->Redact(1, "officer", "a court said so", FromUnixSeconds(9)).value(), 3U);
  const auto proof = ledger->Prove(1);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->leaf, leaf);
  EXPECT_FALSE(proof->body);
  EXPECT_TRUE(VerifyEntryProof(*proof, ledger->verifier()));
  const auto why = VerifyEntryProof(ledger->Prove(3).value(), ledger->verifier()).value().record;
  ASSERT_TRUE(why);
  EXPECT_EQ(why->kind, RecordKind::kRedaction);
  EXPECT_EQ(why->subject, "1");
  EXPECT_EQ(why->detail, "a court said so");
  EXPECT_EQ(AuditAll(store, *ledger).redacted, 1U);
  EXPECT_FALSE(ledger->Redact(1, "", "", FromUnixSeconds(9)));
  EXPECT_FALSE(ledger->Redact(4, "", "", FromUnixSeconds(9)));
  Record by_hand = *why;
  EXPECT_FALSE(ledger->Append(by_hand));
  EXPECT_EQ(AuditAll(store, *ledger).entries, 4U);
}

TEST(Ledger, KeepsNoBodyInTheClear) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  Record record = TestRecord(0);
  record.subject = "a subject that nobody may read";
  ledger->Append(record).value();
  for (const store::Entry& row : store.Rows()) {
    EXPECT_EQ(AsText(row.value).find("nobody may read"), std::string_view::npos);
  }
}

// What lies right of the newest complete subtrees is compared at each start.
TEST(Ledger, DoesNotOpenWhenItsRightEdgeWasChanged) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 258);
  const auto good = store.Rows();
  for (const Bytes& key :
       {HeadKey(), VerifierKey(), CheckpointKey(258), TileKey(0, 1), TileKey(1, 0)}) {
    store.Restore(good);
    ASSERT_TRUE(Ledger::Open(store, TestKeys()));
    Bytes value = store.Get(key).value()->value;
    value[value.size() / 2] ^= std::byte{1};
    store.Put(key, value);
    EXPECT_FALSE(Ledger::Open(store, TestKeys())) << AsText(key);
    store.Erase(key);
    EXPECT_FALSE(Ledger::Open(store, TestKeys())) << AsText(key);
  }
  store.Restore(good);
  store.Put(EntryKeyOf(258), store.Get(EntryKeyOf(257)).value()->value);
  EXPECT_FALSE(Ledger::Open(store, TestKeys()));
  store.Restore(good);
  store.Erase(EntryKeyOf(257));
  EXPECT_FALSE(Ledger::Open(store, TestKeys()));
}

TEST(Ledger, GivesNoProofFromADamagedTile) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 258);
  Bytes tile = store.Get(TileKey(0, 0)).value()->value;
  tile[40] ^= std::byte{1};
  store.Put(TileKey(0, 0), tile);
  ASSERT_TRUE(Ledger::Open(store, TestKeys()));
  const auto proof = ledger->Prove(0);
  ASSERT_FALSE(proof);
  EXPECT_NE(proof.error().message.find("is not the one in the signed tree"), std::string::npos);
}

}  // namespace
}  // namespace assay::ledger
