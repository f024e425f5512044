// An audit finds each change of the rows that find entries and users, and of the second tree.
#include "ledger/rows_audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/cbor.h"
#include "ledger/testing_applications.h"

namespace assay::ledger {
namespace {

// All that rows can say: lists, names, users, and a redacted entry that was the newest of its
// collection.
struct ApplicationsAudited {
  ApplicationsAudited() {
    const auto ledger = Ledger::Open(store, TestKeys()).value();
    ledger->Append(TestEntry(0, "a", {"t"})).value();
    ledger->Append(TestRecord(1)).value();
    ledger->Append(TestEntry(2, "b")).value();
    ledger->SetUser({"alice", {LedgerRole::kReader}}, "root", FromUnixSeconds(1)).value();
    ledger->SetUser({"bob", {}}, "root", FromUnixSeconds(1)).value();
    ledger->Append(TestEntry(5, "gone", {"t"})).value();
    ledger->Append(TestEntry(6, "a")).value();
    ledger->Redact(5, "officer", "why", FromUnixSeconds(1)).value();
    good = store.Rows();
  }
  bool Found() { return !AuditStore(store, log, &keys.data).value().ok(); }
  void ExpectFound(std::string_view what, const std::function<void()>& change) {
    change();
    const auto findings = AuditStore(store, log, &keys.data).value().findings;
    store.Restore(good);
    EXPECT_TRUE(
        std::any_of(findings.begin(), findings.end(),
                    [what](const std::string& one) { return one.find(what) != std::string::npos; }))
        << what << (findings.empty() ? ": nothing was found" : ": " + findings[0]);
  }

  ObservedStore store;
  LedgerKeys keys = TestKeys();
  NoteVerifier log{keys.origin, NoteKeyKind::kEd25519, keys.signing.Public()};
  std::vector<store::Entry> good;
};

TEST(RowsAudit, FindsEveryFlippedByteOfEveryRow) {
  ApplicationsAudited audited;
  ASSERT_FALSE(audited.Found());
  std::size_t flips = 0;
  // Only a redacted body says what it says: without it there is nothing to miss.
  const Bytes gone = NameKey(audited.keys.data, "gone");
  for (const store::Entry& row : audited.good) {
    for (std::size_t i = 0; i < row.value.size(); ++i, ++flips) {
      Bytes value = row.value;
      value[i] ^= static_cast<std::byte>(1U << (flips % 8));
      audited.store.Put(row.key, value);
      EXPECT_TRUE(audited.Found()) << AsText(row.key) << " byte " << i;
    }
    audited.store.Put(row.key, row.value);
    const std::size_t from = row.key == gone ? kLedgerPrefix.size() : 0;
    for (std::size_t i = from; i < row.key.size(); ++i, ++flips) {
      Bytes key = row.key;
      key[i] ^= std::byte{1};
      audited.store.Erase(row.key);
      audited.store.Put(key, row.value);
      EXPECT_TRUE(audited.Found()) << AsText(row.key) << " key byte " << i;
      audited.store.Restore(audited.good);
    }
    if (row.key == gone) continue;
    audited.store.Erase(row.key);
    EXPECT_TRUE(audited.Found()) << AsText(row.key) << " erased";
    audited.store.Restore(audited.good);
  }
  EXPECT_FALSE(audited.Found());
  std::cout << flips << " flips of rows, all found\n";
}

TEST(RowsAudit, FindsRowsThatSayWhatNoEntrySays) {
  ApplicationsAudited audited;
  const SecretBytes& key = audited.keys.data;
  audited.ExpectFound("on a list of no such entry",
                      [&] { audited.store.Put(ListKey(CollectionList(key, "a"), 2), {}); });
  audited.ExpectFound("on a list of no such entry", [&] {
    audited.store.Put(ListKey(CollectionList(key, "a"), 0), AsBytes("x"));
  });
  // The redacted entry comes back to its list.
  audited.ExpectFound("on a list of no such entry",
                      [&] { audited.store.Put(ListKey(CollectionList(key, "gone"), 5), {}); });
  const auto put = [&](const Latest& says, std::uint64_t index) {
    audited.store.Put(says.key, EncodeLatestRow({index, SealLatest(key, says).value()}));
  };
  audited.ExpectFound("is not what the newest entry says",
                      [&] { put(LatestOf(key, TestEntry(1, "a")), 0); });
  audited.ExpectFound("is not what the newest entry says",
                      [&] { put(LatestOf(key, TestEntry(1, "new")), 2); });
  audited.ExpectFound("is not what the newest entry says", [&] {
    put(LatestOf(key, LedgerUser{"alice", {LedgerRole::kAdministrator}}).value(), 3);
  });
  audited.ExpectFound("is not what the newest entry says", [&] {
    put(LatestOf(key, LedgerUser{"mallory", {LedgerRole::kReader}}).value(), 3);
  });
}

TEST(RowsAudit, ComparesNothingWithoutTheDataKey) {
  ApplicationsAudited audited;
  audited.store.Erase(NameKey(audited.keys.data, "a"));
  EXPECT_TRUE(AuditStore(audited.store, audited.log, nullptr).value().ok());
  EXPECT_TRUE(audited.Found());
}

TEST(RowsAudit, FindsASecondTreeThatIsNotThatOfTheEntries) {
  ApplicationsAudited audited;
  const auto tile = [&](const std::function<void(Bytes&)>& change) {
    const Bytes key = TileKey(0, 0, Tree::kCcf);
    Bytes value = audited.store.Get(key).value()->value;
    change(value);
    audited.store.Put(key, value);
  };
  audited.ExpectFound("ledger/tree-ccf/00/0000000000000000 has not the hashes",
                      [&] { tile([](Bytes& value) { value[7] ^= std::byte{1}; }); });
  audited.ExpectFound("ledger/tree-ccf/00/0000000000000000 is missing",
                      [&] { audited.store.Erase(TileKey(0, 0, Tree::kCcf)); });
  // A second tree of the ledger's own making, signed by its key.
  audited.ExpectFound("the second tree has not the root that its checkpoint signs", [&] {
    HeadRow head = DecodeHeadRow(audited.store.Get(HeadKey()).value()->value).value();
    Checkpoint forged = OpenCheckpoint(head.ccf_note, CcfVerifierOf(audited.log)).value();
    forged.root[0] ^= std::byte{1};
    head.ccf_note = SignCheckpoint(forged, audited.keys.signing).value();
    audited.store.Put(HeadKey(), EncodeHeadRow(head));
  });
  audited.ExpectFound("the second tree: ", [&] {
    HeadRow head = DecodeHeadRow(audited.store.Get(HeadKey()).value()->value).value();
    head.ccf_note = head.note;
    audited.store.Put(HeadKey(), EncodeHeadRow(head));
  });
}

TEST(RowsAudit, FindsALeafThatClaimsSomethingElse) {
  ObservedStore store;
  const LedgerKeys keys = TestKeys();
  const NoteVerifier log{keys.origin, NoteKeyKind::kEd25519, keys.signing.Public()};
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  ledger->Append(TestEntry(0, "a")).value();
  const Bytes body = EncodeApplicationEntry(TestEntry(0, "a")).value();
  const SealedEntry other =
      SealEntry(keys.data, FromUnixSeconds(1), body, [](View) { return Hash{}; }).value();
  store.Put(EntryKeyOf(0), EncodeEntryRow({other.leaf, other.sealed}));
  const auto findings = AuditStore(store, log, &keys.data).value().findings;
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const std::string& one) {
    return one == "entry 0: its leaf claims something else than it says";
  }));
}

TEST(RowsAudit, RefusesALedgerOfOneTree) {
  ObservedStore store;
  { const auto ledger = Ledger::Open(store, TestKeys()).value(); }
  const HeadRow head = DecodeHeadRow(store.Get(HeadKey()).value()->value).value();
  store.Put(HeadKey(), CborWriter().Array(2).Unsigned(0).Text(head.note).Take());
  const auto refused = Ledger::Open(store, TestKeys());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("it has one tree"), std::string::npos);
}

}  // namespace
}  // namespace assay::ledger
