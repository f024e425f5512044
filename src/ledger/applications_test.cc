#include "ledger/applications.h"

#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "ledger/audit.h"
#include "ledger/testing_applications.h"

namespace assay::ledger {
namespace {

struct ApplicationLedger {
  ObservedStore store;
  LedgerKeys keys = TestKeys();
  std::unique_ptr<Ledger> ledger = Ledger::Open(store, TestKeys()).value();
  const Applications& applications = ledger->applications();

  std::uint64_t Add(std::uint64_t n, std::string collection, std::vector<std::string> tags = {}) {
    return ledger->Append(TestEntry(n, std::move(collection), std::move(tags))).value();
  }
  // Of all pages.
  std::vector<std::uint64_t> List(EntryQuery query) const {
    std::vector<std::uint64_t> out;
    for (;;) {
      const EntryPage page = applications.List(query).value();
      for (const FoundEntry& one : page.entries) out.push_back(one.index);
      if (!page.next) return out;
      EXPECT_LE(page.entries.size(), std::max<std::size_t>(query.limit, 1));
      query.first = *page.next;
    }
  }
  void ExpectAudited() {
    const auto report = AuditStore(store, ledger->verifier(), &keys.data).value();
    for (const std::string& one : report.findings) ADD_FAILURE() << one;
  }
};

TEST(Applications, FindsEntriesByCollectionTagAndRange) {
  ApplicationLedger it;
  std::vector<std::uint64_t> a, b, tagged;
  for (std::uint64_t i = 0; i < 30; ++i) {
    if (i % 5 == 4) it.ledger->Append(TestRecord(i)).value();
    const bool tag = i % 4 == 0;
    const std::uint64_t index =
        it.Add(i, i % 3 == 0 ? "b" : "a",
               tag ? std::vector<std::string>{"red", "wide"} : std::vector<std::string>{});
    (i % 3 == 0 ? b : a).push_back(index);
    if (tag && i % 3 != 0) tagged.push_back(index);
  }
  for (const std::size_t limit : {1U, 3U, 7U, 100U}) {
    EXPECT_EQ(it.List({"a", "", 0, ~0ULL, limit}), a);
    EXPECT_EQ(it.List({"b", "", 0, ~0ULL, limit}), b);
    EXPECT_EQ(it.List({"a", "red", 0, ~0ULL, limit}), tagged);
    EXPECT_EQ(it.List({"a", "wide", 0, ~0ULL, limit}), tagged);
    EXPECT_EQ(it.List({"a", "", a[2], a[7], limit}),
              std::vector<std::uint64_t>(a.begin() + 2, a.begin() + 8));
  }
  EXPECT_TRUE(it.List({"c", "", 0, ~0ULL, 5}).empty());
  EXPECT_TRUE(it.List({"a", "blue", 0, ~0ULL, 5}).empty());
  EXPECT_TRUE(it.List({"a", "", 40, 3, 5}).empty());
  it.ExpectAudited();
}

TEST(Applications, GivesAnEntryAndTheNewestOfACollection) {
  ApplicationLedger it;
  it.Add(1, "a");
  it.Add(2, "b");
  it.Add(3, "a", {"t"});
  EXPECT_EQ(it.applications.Get(2).value(), TestEntry(3, "a", {"t"}));
  EXPECT_EQ(it.applications.Newest("a").value().index, 2U);
  EXPECT_EQ(it.applications.Newest("b").value().entry, TestEntry(2, "b"));
  EXPECT_EQ(it.applications.Newest("c").error().code, ErrorCode::kMissing);
  EXPECT_EQ(it.applications.Get(3).error().code, ErrorCode::kMissing);
  it.ledger->Append(TestRecord(1)).value();
  EXPECT_EQ(it.applications.Get(3).error().code, ErrorCode::kMissing);
}

TEST(Applications, AnswersAPageByItsSizeAndNotByTheLedgers) {
  ApplicationLedger it;
  for (std::uint64_t i = 0; i < 400; ++i) it.Add(i, i % 2 == 0 ? "a" : "b");
  it.store.gets = 0;
  it.store.scans = 0;
  EXPECT_EQ(it.applications.List({"a", "", 100, ~0ULL, 10}).value().entries.size(), 10U);
  EXPECT_EQ(it.store.gets, 10U);
  EXPECT_EQ(it.store.scans, 1U);
}

TEST(Applications, EndsAPageWhereContentsAreLarge) {
  ApplicationLedger it;
  for (std::uint64_t i = 0; i < 8; ++i) {
    ApplicationEntry entry = TestEntry(i, "a");
    entry.contents = std::string(limits::kLedgerContentsBytes, 'x');
    it.ledger->Append(entry).value();
  }
  const EntryPage page = it.applications.List({"a", "", 0, ~0ULL, 100}).value();
  EXPECT_EQ(page.entries.size(), 5U);
  EXPECT_EQ(page.next, 5U);
}

TEST(Applications, ListsCollectionsByPages) {
  ApplicationLedger it;
  std::set<std::string> expected;
  for (std::uint64_t i = 0; i < 7; ++i) {
    expected.insert("collection " + std::to_string(i));
    it.Add(i, "collection " + std::to_string(i));
    it.Add(i, "collection " + std::to_string(i));
  }
  for (const std::size_t limit : {1U, 3U, 7U, 50U}) {
    std::set<std::string> found;
    std::string after;
    do {
      const auto page = it.applications.Collections(after, limit).value();
      EXPECT_LE(page.items.size(), limit);
      for (const std::string& one : page.items) EXPECT_TRUE(found.insert(one).second) << one;
      after = page.next;
    } while (!after.empty());
    EXPECT_EQ(found, expected);
  }
  EXPECT_FALSE(it.applications.Collections("x", 5));
}

TEST(Applications, KeepsNoNameAndNoUserInTheClear) {
  ApplicationLedger it;
  it.Add(1, "secretcollection", {"secrettag"});
  it.ledger->SetUser({"secretuser", {LedgerRole::kReader}}, "root", FromUnixSeconds(1)).value();
  for (const store::Entry& row : it.store.Rows()) {
    EXPECT_EQ(AsText(row.key).find("secret"), std::string_view::npos) << AsText(row.key);
    EXPECT_EQ(AsText(row.value).find("secret"), std::string_view::npos) << AsText(row.key);
  }
}

TEST(Applications, KnowsWhatTheNewestRecordSaysOfAUser) {
  ApplicationLedger it;
  const auto set = [&](std::string id, std::vector<LedgerRole> roles) {
    it.ledger->SetUser({std::move(id), std::move(roles)}, "root", FromUnixSeconds(1)).value();
  };
  set("alice", {LedgerRole::kReader});
  set("bob", {LedgerRole::kContributor});
  set("alice", {LedgerRole::kReader, LedgerRole::kAdministrator});
  set("bob", {});
  const auto alice = it.applications.User("alice").value();
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->Strongest(), LedgerRole::kAdministrator);
  EXPECT_FALSE(it.applications.User("bob").value());
  EXPECT_FALSE(it.applications.User("carol").value());
  const auto all = it.applications.Users("", 10).value();
  ASSERT_EQ(all.items.size(), 1U);
  EXPECT_EQ(all.items[0], *alice);
  it.ExpectAudited();
  // By no other way than SetUser.
  EXPECT_FALSE(it.ledger->Append(UserRecord({"x", {}}, "", FromUnixSeconds(1))));
}

TEST(Applications, DecidesTheOrderOfConcurrentChangesOnce) {
  ApplicationLedger it;
  std::vector<std::thread> writers;
  for (std::uint64_t w = 0; w < 8; ++w) {
    writers.emplace_back([&, w] {
      for (std::uint64_t i = 0; i < 20; ++i) {
        it.ledger
            ->SetUser({"alice", {w % 2 == 0 ? LedgerRole::kReader : LedgerRole::kContributor}},
                      "root", FromUnixSeconds(1))
            .value();
        it.Add(i, i % 2 == 0 ? "a" : "b", {"t"});
      }
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_EQ(it.List({"a", "t", 0, ~0ULL, 100}).size(), 80U);
  it.ExpectAudited();
}

TEST(Applications, TakesARedactedEntryFromItsLists) {
  ApplicationLedger it;
  it.Add(1, "a", {"t"});
  it.Add(2, "a", {"t"});
  it.ledger->Redact(0, "officer", "why", FromUnixSeconds(1)).value();
  EXPECT_EQ(it.List({"a", "", 0, ~0ULL, 10}), std::vector<std::uint64_t>{1});
  EXPECT_EQ(it.List({"a", "t", 0, ~0ULL, 10}), std::vector<std::uint64_t>{1});
  EXPECT_EQ(it.applications.Get(0).error().code, ErrorCode::kMissing);
  it.ledger->Redact(1, "officer", "why", FromUnixSeconds(1)).value();
  EXPECT_EQ(it.applications.Newest("a").error().code, ErrorCode::kMissing);
  it.ExpectAudited();
}

TEST(Applications, SplitsGroupsWhoseRowsAreMoreThanACommitTakes) {
  ApplicationLedger it;
  it.store.commit_takes = std::chrono::milliseconds(20);
  std::vector<std::string> tags;
  for (std::size_t i = 0; i < limits::kLedgerTags; ++i)
    tags.push_back("tag " + std::string(1, static_cast<char>('a' + i)));
  std::vector<std::thread> writers;
  for (std::uint64_t w = 0; w < 32; ++w) {
    writers.emplace_back([&] {
      for (std::uint64_t i = 0; i < 20; ++i) it.Add(i, "a", tags);
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_EQ(it.List({"a", "tag b", 0, ~0ULL, 100}).size(), 640U);
  it.ExpectAudited();
}

}  // namespace
}  // namespace assay::ledger
