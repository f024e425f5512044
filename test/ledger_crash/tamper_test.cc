// Every byte of the database of a stopped ledger is changed, one at a time: the ledger does not
// open, or the audit finds it, or what the ledger reads is what it was (free pages, row versions,
// the store's own counters).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "ledger/audit.h"
#include "ledger/testing_applications.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::ledger {
namespace {

std::string DatabaseOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The database alone: what SQLite keeps beside it is of another one.
void WriteDatabase(const std::string& path, const std::string& content) {
  std::filesystem::remove(path + "-wal");
  std::filesystem::remove(path + "-shm");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

using LogicalRows = std::vector<std::pair<Bytes, Bytes>>;

std::optional<LogicalRows> RowsOf(store::Store& store) {
  const auto rows = store::ScanAll(store, AsBytes(""));
  if (!rows) return std::nullopt;
  LogicalRows out;
  for (const store::Entry& one : *rows) out.emplace_back(one.key, one.value);
  return out;
}

enum class Outcome { kNotOpened, kFound, kUnchanged, kMissed };

Outcome Judge(const std::string& path, const LogicalRows& good) {
  const auto store = store::OpenSqliteStore(path);
  if (!store) return Outcome::kNotOpened;
  const auto ledger = Ledger::Open(**store, TestKeys());
  if (!ledger) return Outcome::kNotOpened;
  const LedgerKeys keys = TestKeys();
  const auto report = AuditStore(**store, (*ledger)->verifier(), &keys.data);
  if (!report || !report->ok()) return Outcome::kFound;
  return RowsOf(**store) == good ? Outcome::kUnchanged : Outcome::kMissed;
}

TEST(LedgerTamper, EveryChangedByteOfTheDatabaseIsFoundOrChangesNothing) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/ledger.db";
  LogicalRows good;
  {
    const auto store = store::OpenSqliteStore(path).value();
    const auto ledger = Ledger::Open(*store, TestKeys()).value();
    AppendTests(*ledger, 12);
    ledger->Redact(3, "officer", "why", FromUnixSeconds(1)).value();
    ledger->Append(TestEntry(13, "a", {"t"})).value();
    ledger->Append(TestEntry(14, "a")).value();
    ledger->Redact(14, "officer", "why", FromUnixSeconds(1)).value();
    ledger->SetUser({"alice", {LedgerRole::kReader}}, "root", FromUnixSeconds(1)).value();
    good = RowsOf(*store).value();
  }
  const std::string database = DatabaseOf(path);
  std::map<Outcome, std::size_t> counts;
  for (std::size_t at = 0; at < database.size(); ++at) {
    std::string changed = database;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    WriteDatabase(path, changed);
    const Outcome outcome = Judge(path, good);
    ++counts[outcome];
    EXPECT_NE(outcome, Outcome::kMissed) << "byte " << at;
  }
  WriteDatabase(path, database);
  EXPECT_EQ(Judge(path, good), Outcome::kUnchanged);
  EXPECT_GT(counts[Outcome::kNotOpened], 1000U);
  EXPECT_GT(counts[Outcome::kFound], 1000U);
  std::cout << database.size() << " bytes changed one at a time: " << counts[Outcome::kNotOpened]
            << " stop the opening, " << counts[Outcome::kFound] << " are found by the audit, "
            << counts[Outcome::kUnchanged] << " change nothing that is read, "
            << counts[Outcome::kMissed] << " missed\n";
}

}  // namespace
}  // namespace assay::ledger
