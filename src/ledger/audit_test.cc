// An audit finds each change of a row, also those that an opening does not look at.
#include "ledger/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>

#include "base/encoding.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

// Entries, of which number 2 is redacted by the last.
struct AuditedLedger {
  explicit AuditedLedger(std::uint64_t entries) {
    const auto ledger = Ledger::Open(store, TestKeys()).value();
    AppendTests(*ledger, entries - 1);
    ledger->Redact(2, "officer", "why", FromUnixSeconds(1)).value();
    good = store.Rows();
  }
  AuditReport Audit() { return AuditStore(store, log, &keys.data).value(); }
  // The findings after a change, which is undone again.
  std::vector<std::string> FindingsAfter(const std::function<void()>& change) {
    change();
    std::vector<std::string> out = Audit().findings;
    store.Restore(good);
    return out;
  }
  void ExpectFound(std::string_view what, const std::function<void()>& change) {
    const auto findings = FindingsAfter(change);
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

TEST(LedgerAudit, FindsEveryFlippedByteOfEveryRow) {
  AuditedLedger audited(8);
  ASSERT_TRUE(audited.Audit().ok());
  std::size_t flips = 0;
  for (const store::Entry& row : audited.good) {
    for (std::size_t i = 0; i < row.value.size(); ++i, ++flips) {
      Bytes value = row.value;
      value[i] ^= static_cast<std::byte>(1U << (flips % 8));
      audited.store.Put(row.key, value);
      EXPECT_FALSE(audited.Audit().ok()) << AsText(row.key) << " byte " << i;
    }
    audited.store.Put(row.key, row.value);
    for (std::size_t i = 0; i < row.key.size(); ++i, ++flips) {
      Bytes key = row.key;
      key[i] ^= std::byte{1};
      audited.store.Erase(row.key);
      audited.store.Put(key, row.value);
      EXPECT_FALSE(audited.Audit().ok()) << AsText(row.key) << " key byte " << i;
      audited.store.Restore(audited.good);
    }
  }
  ASSERT_TRUE(audited.Audit().ok());
  EXPECT_GT(flips, 3000U);
  std::cout << flips << " flips of rows, all found\n";
}

TEST(LedgerAudit, FindsAChangedHashInEachTile) {
  AuditedLedger audited(600);
  for (const auto& [level, index] : {std::pair(0U, 0U), {0U, 1U}, {0U, 2U}, {1U, 0U}}) {
    audited.ExpectFound("has not the hashes of the entries", [&, l = level, n = index] {
      Bytes tile = audited.store.Get(TileKey(l, n)).value()->value;
      tile[33] ^= std::byte{1};
      audited.store.Put(TileKey(l, n), tile);
    });
    audited.ExpectFound("is missing",
                        [&, l = level, n = index] { audited.store.Erase(TileKey(l, n)); });
  }
  audited.ExpectFound("is a tile of no entries",
                      [&] { audited.store.Put(TileKey(0, 3), Bytes(32)); });
}

TEST(LedgerAudit, FindsRowsThatAreMissingOrTooMany) {
  AuditedLedger audited(10);
  audited.ExpectFound("expected entry 4", [&] { audited.store.Erase(EntryKeyOf(4)); });
  audited.ExpectFound("the newest checkpoint is of 10 entries, and there are 9",
                      [&] { audited.store.Erase(EntryKeyOf(9)); });
  audited.ExpectFound("the head is not the newest", [&] { audited.store.Erase(HeadKey()); });
  audited.ExpectFound("the head is not the newest", [&] {
    const Bytes note = audited.store.Get(CheckpointKey(9)).value()->value;
    HeadRow head = DecodeHeadRow(audited.store.Get(HeadKey()).value()->value).value();
    head.note = AsText(note);
    --head.number;
    audited.store.Put(HeadKey(), EncodeHeadRow(head));
  });
  audited.ExpectFound("expected checkpoint 5", [&] { audited.store.Erase(CheckpointKey(5)); });
  audited.ExpectFound("is no larger than the one before", [&] {
    audited.store.Put(CheckpointKey(5), audited.store.Get(CheckpointKey(4)).value()->value);
  });
  audited.ExpectFound("an unknown row ledger/x",
                      [&] { audited.store.Put(AsBytes("ledger/x"), AsBytes("1")); });
}

TEST(LedgerAudit, FindsATreeThatWasRewrittenWithItsTiles) {
  AuditedLedger audited(10);
  // Whoever has the database and not the key: other leaves, and the tiles that fit them.
  audited.ExpectFound("have not the root that their checkpoint signs", [&] {
    const auto sealed =
        SealEntry(audited.keys.data, FromUnixSeconds(1), EncodeRecord(TestRecord(77)).value())
            .value();
    audited.store.Put(EntryKeyOf(3), EncodeEntryRow({sealed.leaf, sealed.sealed}));
    Frontier tree;
    for (std::uint64_t i = 0; i < 10; ++i) {
      tree.Append(LeafHash(ReadEntry(audited.store, i).value().leaf));
    }
    for (const auto& tile : tree.TakeChanged()) {
      audited.store.Put(TileKey(tile.id.level, tile.id.index), PackTile(tile.hashes));
    }
  });
}

TEST(LedgerAudit, FindsBodiesThatWentOrCameWithoutARecord) {
  AuditedLedger audited(10);
  const EntryRow third = ReadEntry(audited.store, 3).value();
  const auto put = [&](std::uint64_t index, const EntryRow& row) {
    audited.store.Put(EntryKeyOf(index), EncodeEntryRow(row));
  };
  audited.ExpectFound("does not redact it", [&] { put(3, {third.leaf, std::uint64_t{8}}); });
  audited.ExpectFound("does not redact it", [&] { put(3, {third.leaf, std::uint64_t{9}}); });
  audited.ExpectFound("was redacted by no later entry", [&] {
    put(3, {third.leaf, std::uint64_t{3}});
  });
  audited.ExpectFound("was redacted by no later entry", [&] {
    put(3, {third.leaf, std::uint64_t{10}});
  });
  const Bytes second = ReadEntry(audited.store, 2).value().leaf;
  audited.ExpectFound("entry 2: AES-GCM", [&] { put(2, {second, Bytes(60)}); });
  audited.ExpectFound("entry 3: AES-GCM", [&] {
    put(3, {third.leaf, ReadEntry(audited.store, 4).value().body});
  });
}

TEST(LedgerAudit, FindsARedactedBodyThatCameBack) {
  ObservedStore store;
  const LedgerKeys keys = TestKeys();
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  AppendTests(*ledger, 3);
  const Bytes before = store.Get(EntryKeyOf(1)).value()->value;
  ledger->Redact(1, "", "", FromUnixSeconds(1)).value();
  store.Put(EntryKeyOf(1), before);
  const auto report = AuditStore(store, ledger->verifier(), &keys.data).value();
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0], "entry 3 redacts entry 1, whose body is there");
}

TEST(LedgerAudit, ReadsBodiesOnlyWithTheDataKey) {
  AuditedLedger audited(5);
  const EntryRow row = ReadEntry(audited.store, 1).value();
  audited.store.Put(EntryKeyOf(1), EncodeEntryRow({row.leaf, Bytes(60)}));
  EXPECT_FALSE(AuditStore(audited.store, audited.log, &audited.keys.data).value().ok());
  EXPECT_TRUE(AuditStore(audited.store, audited.log, nullptr).value().ok());
}

TEST(LedgerAudit, FindsThatThereIsNoLedger) {
  ObservedStore store;
  const LedgerKeys keys = TestKeys();
  const NoteVerifier log{keys.origin, NoteKeyKind::kEd25519, keys.signing.Public()};
  EXPECT_FALSE(AuditStore(store, log, nullptr).value().ok());
}

}  // namespace
}  // namespace assay::ledger
