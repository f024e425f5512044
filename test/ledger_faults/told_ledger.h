// A ledger that appends, remembers what it was told, and is held to it afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "ledger/audit.h"
#include "ledger/testing_ledger.h"
#include "store/sqlite/sqlite_store.h"

namespace assay::ledger {

// With ASSAY_EVERY_FAULT=1 each operation of the disk is tried, which takes half an hour; without
// it the first `dense` and then ever fewer.
inline std::uint64_t NextPoint(std::uint64_t point, std::uint64_t dense) {
  return std::getenv("ASSAY_EVERY_FAULT") != nullptr ? point + 1 : point + 1 + point / dense;
}

struct ToldEntry {
  std::uint64_t record = 0;
  bool redacted = false;        // acknowledged, too
  bool maybe_redacted = false;  // the redaction failed: it may be there or not
};

struct Told {
  std::map<std::uint64_t, ToldEntry> entries;  // by index
  std::uint64_t unknown = 0;                   // appends that failed: each is there or it is not
};

// Every third one is of several pages.
inline Record SizedRecord(std::uint64_t n) {
  Record out = TestRecord(n);
  if (n % 3 != 0) return out;
  out.kind = RecordKind::kDenial;
  out.verdict = RecordVerdict::kDenied;
  out.detail = std::string(4000, 'x');
  out.failed_checks.assign(3, std::string(4000, 'y'));
  return out;
}

struct LedgerFiles {
  static Result<LedgerFiles> Open(const std::string& path) {
    LedgerFiles out;
    out.store = TRY(store::OpenSqliteStore(path));
    out.ledger = TRY(Ledger::Open(*out.store, TestKeys()));
    return out;
  }
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Ledger> ledger;
};

inline Result<std::uint64_t> AppendTold(Ledger& ledger, std::uint64_t number, Told& told) {
  auto index = ledger.Append(SizedRecord(number));
  if (!index) {
    ++told.unknown;
    return index;
  }
  EXPECT_TRUE(told.entries.emplace(*index, ToldEntry{number}).second) << *index << " given twice";
  return index;
}

inline Result<std::uint64_t> RedactTold(Ledger& ledger, std::uint64_t index, Told& told) {
  auto by = ledger.Redact(index, "client", "why", FromUnixSeconds(1));
  if (by) {
    told.entries[index].redacted = true;
  } else {
    ++told.unknown;
    told.entries[index].maybe_redacted = true;
  }
  return by;
}

// An acknowledged entry is there, with a receipt that verifies and the record it was.
inline void ExpectEntryIsThere(Ledger& ledger, std::uint64_t index, const ToldEntry& told) {
  const auto proof = ledger.Prove(index);
  ASSERT_TRUE(proof) << index << ": " << proof.error().message;
  const auto verified = VerifyEntryProof(*proof, ledger.verifier());
  ASSERT_TRUE(verified) << index << ": " << verified.error().message;
  EXPECT_EQ(verified->inclusion.index, index);
  if (told.redacted) {
    EXPECT_FALSE(verified->record) << index;
  } else if (verified->record) {
    EXPECT_EQ(*verified->record, SizedRecord(told.record)) << index;
  } else {
    EXPECT_TRUE(told.maybe_redacted) << index << " lost its body";
  }
}

// All that was acknowledged is there, the tree is its entries, and beside what was acknowledged
// there is no more than what was answered with an error.
inline void ExpectKept(LedgerFiles& files, const Told& told) {
  for (const auto& [index, one] : told.entries) {
    ExpectEntryIsThere(*files.ledger, index, one);
  }
  const LedgerKeys keys = TestKeys();
  const auto report = AuditStore(*files.store, files.ledger->verifier(), &keys.data);
  ASSERT_TRUE(report) << report.error().message;
  for (const std::string& one : report->findings) ADD_FAILURE() << one;
  std::uint64_t acknowledged = told.entries.size();
  for (const auto& [index, one] : told.entries) acknowledged += one.redacted ? 1 : 0;
  EXPECT_GE(report->entries, acknowledged);
  EXPECT_LE(report->entries, acknowledged + told.unknown);
}

}  // namespace assay::ledger
