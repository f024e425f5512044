// The process is killed at any moment while clients append and redact: every index that was told is
// there with a receipt that verifies, indices have no gap and no double, and the tree equals its
// entries.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "ledger/audit.h"
#include "ledger/testing_ledger.h"
#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::ledger {
namespace {

// What a client was told: entry `index` is this record, or its body is gone.
struct EntryTold {
  std::uint64_t index = 0;
  std::uint64_t record = 0;
  bool redacted = false;
};

struct OpenedLedger {
  explicit OpenedLedger(const std::string& folder)
      : store(store::OpenSqliteStore(folder + "/ledger.db").value()),
        ledger(Ledger::Open(*store, TestKeys()).value()) {}

  std::unique_ptr<store::Store> store;
  std::unique_ptr<Ledger> ledger;
};

void TellEntry(int pipe, EntryTold told) {
  if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
}

// Numbers of records differ between clients and rounds.
void AppendForEver(Ledger& ledger, int pipe, std::uint64_t first) {
  for (std::uint64_t n = first;; ++n) {
    const auto index = ledger.Append(TestRecord(n));
    if (!index) ::_exit(2);
    TellEntry(pipe, {*index, n, false});
    if (n % 7 != 3) continue;
    const auto by = ledger.Redact(*index, "client", "crash test", FromUnixSeconds(1));
    if (!by) ::_exit(3);
    TellEntry(pipe, {*index, n, true});
  }
}

[[noreturn]] void AppendUntilKilled(const std::string& folder, std::uint64_t round, int pipe) {
  OpenedLedger opened(folder);
  std::vector<std::thread> clients;
  for (std::uint64_t i = 0; i < 6; ++i) {
    clients.emplace_back(
        [&, i] { AppendForEver(*opened.ledger, pipe, round * 1'000'000 + i * 100'000); });
  }
  for (std::thread& one : clients) one.join();
  ::_exit(4);
}

std::vector<EntryTold> KillLedgerAfter(std::chrono::microseconds time, const std::string& folder,
                                       std::uint64_t round) {
  int pipe[2];
  if (::pipe(pipe) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) AppendUntilKilled(folder, round, pipe[1]);
  ::close(pipe[1]);
  std::vector<EntryTold> out;
  // Read meanwhile, or a full pipe would stop the clients.
  std::thread reader([&] {
    EntryTold told;
    while (::read(pipe[0], &told, sizeof told) == sizeof told) out.push_back(told);
  });
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  reader.join();
  ::close(pipe[0]);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
  return out;
}

void ExpectToldIsThere(Ledger& ledger, const EntryTold& told) {
  const auto proof = ledger.Prove(told.index);
  ASSERT_TRUE(proof) << told.index << ": " << proof.error().message;
  const auto verified = VerifyEntryProof(*proof, ledger.verifier());
  ASSERT_TRUE(verified) << told.index << ": " << verified.error().message;
  EXPECT_EQ(verified->inclusion.index, told.index);
  if (told.redacted) {
    EXPECT_FALSE(verified->record) << told.index;
  } else if (verified->record) {  // else its redaction was committed, and not told any more
    EXPECT_EQ(*verified->record, TestRecord(told.record));
  } else {
    EXPECT_EQ(told.record % 7, 3U) << told.index << " lost its body";
  }
}

void ExpectTreeIsItsEntries(OpenedLedger& opened, std::uint64_t& entries) {
  const LedgerKeys keys = TestKeys();
  const auto report = AuditStore(*opened.store, opened.ledger->verifier(), &keys.data);
  ASSERT_TRUE(report) << report.error().message;
  for (const std::string& one : report->findings) ADD_FAILURE() << one;
  entries = report->entries;
}

// ASSAY_LEDGER_KILLS: as many as one has time for.
std::uint64_t Kills() {
  const char* const given = std::getenv("ASSAY_LEDGER_KILLS");
  return given == nullptr ? 300 : std::strtoull(given, nullptr, 10);
}

TEST(LedgerCrash, NoAcknowledgedEntryIsLostAndTheTreeIsItsEntries) {
  const std::uint64_t rounds = Kills();
  const TemporaryFolder folder;
  std::minstd_rand random(20261126);
  std::uniform_int_distribution<int> microseconds(2'000, 60'000);
  std::map<std::uint64_t, EntryTold> acknowledged;
  std::uint64_t entries = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::map<std::uint64_t, EntryTold> fresh;
    for (const EntryTold& one :
         KillLedgerAfter(std::chrono::microseconds(microseconds(random)), folder.path(), round)) {
      EXPECT_FALSE(acknowledged.contains(one.index)) << one.index << " was given twice";
      // Both of a redacted entry come from one client, in their order.
      fresh[one.index] = one;
    }
    OpenedLedger opened(folder.path());
    for (const auto& [index, one] : fresh) ExpectToldIsThere(*opened.ledger, one);
    acknowledged.insert(fresh.begin(), fresh.end());
    // All of them at times, as that takes long.
    if (round % 50 == 49 || round + 1 == rounds) {
      for (const auto& [index, one] : acknowledged) ExpectToldIsThere(*opened.ledger, one);
      ExpectTreeIsItsEntries(opened, entries);
    }
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(acknowledged.size(), rounds);
  EXPECT_GE(entries, acknowledged.size());
  std::cout << rounds << " kills: " << acknowledged.size() << " acknowledged entries kept, "
            << entries << " in the tree\n";
}

}  // namespace
}  // namespace assay::ledger
