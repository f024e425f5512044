// What every store must do, whatever keeps its bytes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/limits.h"
#include "store/group_store.h"
#include "store/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::store {
namespace {

Bytes B(std::string_view text) { return ToBytes(AsBytes(text)); }

Batch Puts(std::string_view key, std::string_view value) { return {{}, {{B(key), B(value)}}, {}}; }

Batch PutIf(std::string_view key, std::uint64_t version, std::string_view value) {
  return {{{B(key), version}}, {{B(key), B(value)}}, {}};
}

enum class Kind { kMemory, kSqlite, kGroups };

std::unique_ptr<Store> Open(Kind kind, const std::string& file) {
  if (kind == Kind::kMemory) return NewMemoryStore();
  auto out = OpenSqliteStore(file).value();
  return kind == Kind::kSqlite ? std::move(out) : GroupCommits(std::move(out));
}

class Contract : public testing::TestWithParam<Kind> {
 private:
  TemporaryFolder folder_;  // before store_, which stands in it

 protected:
  std::unique_ptr<Store> store_ = Open(GetParam(), folder_.path() + "/store.db");

  std::string Value(std::string_view key) {
    const auto entry = store_->Get(B(key)).value();
    return entry ? std::string(AsText(entry->value)) : "(none)";
  }
  std::string Keys(std::string_view prefix, std::string_view after, std::size_t limit) {
    std::string out;
    const std::vector<Entry> entries = store_->Scan(B(prefix), B(after), limit).value();
    for (const Entry& entry : entries) {
      out += std::string(AsText(entry.key)) + " ";
    }
    return out;
  }
};

std::string NameOf(const testing::TestParamInfo<Kind>& kind) {
  if (kind.param == Kind::kMemory) return "Memory";
  return kind.param == Kind::kSqlite ? "Sqlite" : "Groups";
}

INSTANTIATE_TEST_SUITE_P(Stores, Contract,
                         testing::Values(Kind::kMemory, Kind::kSqlite, Kind::kGroups), NameOf);

TEST_P(Contract, GivesBackWhatWasPut) {
  EXPECT_EQ(Value("a"), "(none)");
  ASSERT_TRUE(store_->Commit(Puts("a", "1")));
  EXPECT_EQ(Value("a"), "1");
  ASSERT_TRUE(store_->Commit(Puts("a", "")));
  EXPECT_EQ(Value("a"), "");
}

TEST_P(Contract, KeepsBytesThatAreNoText) {
  const Bytes key = {std::byte{0}, std::byte{0xFF}, std::byte{0}};
  const Bytes value = {std::byte{0}, std::byte{0x80}, std::byte{0}};
  ASSERT_TRUE(store_->Commit({{}, {{key, value}}, {}}));
  EXPECT_EQ(store_->Get(key).value()->value, value);
}

TEST_P(Contract, GivesEachCommitTheNextVersion) {
  EXPECT_EQ(store_->Version().value(), 0U);
  EXPECT_EQ(store_->Commit(Puts("a", "1")).value(), 1U);
  EXPECT_EQ(store_->Commit(Puts("b", "1")).value(), 2U);
  EXPECT_EQ(store_->Get(B("a")).value()->version, 1U);
  EXPECT_EQ(store_->Version().value(), 2U);
}

TEST_P(Contract, NeverGivesAVersionTwice) {
  ASSERT_TRUE(store_->Commit(Puts("a", "1")));
  ASSERT_TRUE(store_->Commit({{}, {}, {B("a")}}));
  ASSERT_TRUE(store_->Commit(Puts("a", "1")));
  EXPECT_EQ(store_->Get(B("a")).value()->version, 3U);
  const auto stale = store_->Commit(PutIf("a", 1, "2"));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
}

TEST_P(Contract, RefusesACommitWhoseExpectationFailed) {
  ASSERT_TRUE(store_->Commit(Puts("a", "1")));
  for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{2}}) {
    const auto refused = store_->Commit(PutIf("a", wrong, "2"));
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_NE(refused.error().message.find("found version 1"), std::string::npos)
        << refused.error().message;
  }
  const auto absent = store_->Commit(PutIf("b", 1, "2"));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kConflict);
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(store_->Version().value(), 1U);
  EXPECT_TRUE(store_->Commit(PutIf("a", 1, "2")));
  EXPECT_TRUE(store_->Commit(PutIf("b", 0, "2")));
}

TEST_P(Contract, DoesAllOfABatchOrNothing) {
  ASSERT_TRUE(store_->Commit(Puts("old", "1")));
  Batch batch;
  batch.puts = {{B("new"), B("1")}};
  batch.deletes = {B("old")};
  batch.expectations = {{B("other"), 5}};
  EXPECT_FALSE(store_->Commit(batch));
  EXPECT_EQ(Value("old"), "1");
  EXPECT_EQ(Value("new"), "(none)");
  batch.expectations.clear();
  EXPECT_TRUE(store_->Commit(batch));
  EXPECT_EQ(Value("old"), "(none)");
  EXPECT_EQ(Value("new"), "1");
}

TEST_P(Contract, ScansAPrefixInOrder) {
  for (const char* key : {"b/2", "a", "b/1", "b/10", "c", "b"}) {
    ASSERT_TRUE(store_->Commit(Puts(key, "")));
  }
  EXPECT_EQ(Keys("b/", "", 10), "b/1 b/10 b/2 ");
  EXPECT_EQ(Keys("b/", "b/1", 10), "b/10 b/2 ");
  EXPECT_EQ(Keys("b/", "b/1", 1), "b/10 ");
  EXPECT_EQ(Keys("b/", "a", 10), "b/1 b/10 b/2 ");
  EXPECT_EQ(Keys("b/", "c", 10), "");
  EXPECT_EQ(Keys("", "", 10), "a b b/1 b/10 b/2 c ");
  EXPECT_EQ(Keys("d", "", 10), "");
}

TEST_P(Contract, ScansAPrefixOfHighBytes) {
  const Bytes high = {std::byte{0xFF}, std::byte{0xFF}};
  ASSERT_TRUE(store_->Commit({{}, {{high, B("1")}}, {}}));
  EXPECT_EQ(store_->Scan(View(high).first(1), {}, 10)->size(), 1U);
  EXPECT_EQ(store_->Scan(high, {}, 10)->size(), 1U);
}

TEST_P(Contract, ScansMoreThanOneScanGives) {
  Batch batch;
  for (std::size_t i = 0; i < limits::kStoreScan + 5; ++i) {
    batch.puts.push_back({B("k/" + std::to_string(10000 + i)), B("v")});
  }
  ASSERT_TRUE(store_->Commit(batch));
  EXPECT_EQ(store_->Scan(B("k/"), {}, limits::kStoreScan + 5)->size(), limits::kStoreScan);
  EXPECT_EQ(ScanAll(*store_, B("k/"))->size(), limits::kStoreScan + 5);
}

TEST_P(Contract, RefusesWhatIsTooLargeOrSenseless) {
  const auto refused = [this](Batch batch) {
    const auto answer = store_->Commit(batch);
    return !answer && answer.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(Puts("", "1")));
  EXPECT_TRUE(refused(Puts(std::string(limits::kStoreKeyBytes + 1, 'k'), "1")));
  EXPECT_TRUE(refused({{}, {{B("a"), Bytes(limits::kStoreValueBytes + 1)}}, {}}));
  EXPECT_TRUE(refused({{}, {{B("a"), {}}, {B("a"), {}}}, {}}));
  EXPECT_TRUE(refused({{}, {{B("a"), {}}}, {B("a")}}));
  EXPECT_TRUE(refused({{}, std::vector<Put>(limits::kStoreBatch + 1), {}}));
  EXPECT_EQ(store_->Version().value(), 0U);
}

TEST_P(Contract, LosesNoChangeAmongWriters) {
  constexpr int kWriters = 4;
  constexpr int kEach = 10;
  ASSERT_TRUE(store_->Commit(Puts("n", "0")));
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([this] {
      for (int done = 0; done < kEach;) {
        const auto entry = store_->Get(B("n")).value();
        const int n = std::stoi(std::string(AsText(entry->value)));
        if (store_->Commit(PutIf("n", entry->version, std::to_string(n + 1)))) ++done;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Value("n"), std::to_string(kWriters * kEach));
}

}  // namespace
}  // namespace assay::store
