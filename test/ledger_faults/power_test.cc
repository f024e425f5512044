// The power fails after any operation of the disk: what was acknowledged until then is there, the
// tree is its entries, and the ledger goes on, whatever part of the rest came to the disk.
#include <filesystem>
#include <iostream>

#include "ledger_faults/recorded_disk.h"
#include "ledger_faults/told_ledger.h"
#include "support/temporary_folder.h"

namespace assay::ledger {
namespace {

constexpr Survives kSurvivals[] = {Survives::kNothing, Survives::kAll,   Survives::kFirstHalfTorn,
                                   Survives::kSectors, Survives::kPages, Survives::kLastAlone};

// An append, or the redaction of an entry: how it was answered, and after how many operations.
struct Attempted {
  std::size_t operations = 0;
  bool acknowledged = false;
  bool redaction = false;
  std::uint64_t index = 0;
  std::uint64_t record = 0;
};

struct PowerRun {
  std::vector<Attempted> attempts;

  void Append(LedgerFiles& files, const RecordedDisk& disk, std::uint64_t n) {
    const auto index = files.ledger->Append(SizedRecord(n));
    attempts.push_back({disk.size(), index.has_value(), false, index.value_or(0), n});
    if (!index || n % 5 != 2) return;
    const auto by = files.ledger->Redact(*index, "client", "why", FromUnixSeconds(1));
    attempts.push_back({disk.size(), by.has_value(), true, *index, n});
  }
  // Of those that have no answer yet only the first was begun.
  Told ToldAfter(std::size_t operations) const {
    Told out;
    for (const Attempted& one : attempts) {
      const bool answered = one.operations <= operations;
      const bool acknowledged = answered && one.acknowledged;
      if (!acknowledged) ++out.unknown;
      if (acknowledged && !one.redaction) out.entries[one.index].record = one.record;
      if (one.redaction) {
        ToldEntry& entry = out.entries.at(one.index);
        (acknowledged ? entry.redacted : entry.maybe_redacted) = true;
      }
      if (!answered) break;
    }
    return out;
  }
};

void ExpectSurvives(const RecordedDisk& disk, const PowerRun& run, std::size_t count,
                    Survives survives) {
  const TemporaryFolder folder;
  disk.Restore(count, survives, static_cast<unsigned>(count * 7 + 1), folder.path());
  auto files = LedgerFiles::Open(folder.path() + "/ledger.db");
  ASSERT_TRUE(files) << files.error().message;
  Told told = run.ToldAfter(count);
  ExpectKept(*files, told);
  const auto index = AppendTold(*files->ledger, 77'777, told);
  ASSERT_TRUE(index) << index.error().message;
  ExpectKept(*files, told);
}

void ExpectSurvivesEach(const RecordedDisk& disk, const PowerRun& run, std::size_t dense,
                        const char* name) {
  std::size_t cuts = 0;
  for (std::size_t count = 0; count <= disk.size(); count = NextPoint(count, dense)) {
    for (const Survives survives : kSurvivals) {
      ExpectSurvives(disk, run, count, survives);
      ++cuts;
      ASSERT_FALSE(testing::Test::HasFailure())
          << name << ", " << count << " operations, what survives: " << static_cast<int>(survives);
    }
  }
  std::cout << name << ": " << disk.size() << " operations, " << disk.flushes() << " flushes, "
            << cuts << " failures of power survived\n";
}

TEST(LedgerPower, MayFailAfterAnyOperationOfANewLedger) {
  FaultyDisk disk;
  const TemporaryFolder folder;
  PowerRun run;
  RecordedDisk recorded(disk);
  for (std::uint64_t first : {0U, 8U}) {
    LedgerFiles files = LedgerFiles::Open(folder.path() + "/ledger.db").value();
    for (std::uint64_t n = first; n < first + 8; ++n) run.Append(files, recorded, n);
  }
  recorded.Stop();
  ExpectSurvivesEach(recorded, run, 24, "a new ledger");
}

// The log is moved into the database while appends go on, and begun again from its start.
TEST(LedgerPower, MayFailWhileTheLogIsMoved) {
  FaultyDisk disk;
  const TemporaryFolder folder;
  PowerRun run;
  RecordedDisk recorded(disk);
  {
    LedgerFiles files = LedgerFiles::Open(folder.path() + "/ledger.db").value();
    for (std::uint64_t n = 0; n < 120; ++n) run.Append(files, recorded, n);
  }
  recorded.Stop();
  EXPECT_TRUE(recorded.Rewrites("ledger.db-wal")) << "the log never began again";
  ExpectSurvivesEach(recorded, run, 12, "a log that is moved");
}

// What a flush that failed should have flushed never comes to the disk: systems drop such pages.
TEST(LedgerPower, MayFailAfterAFlushThatFailed) {
  for (std::size_t nth = 0;; ++nth) {
    FaultyDisk disk;
    const TemporaryFolder folder;
    PowerRun run;
    RecordedDisk recorded(disk, [nth](std::size_t flush) { return flush == nth; });
    for (const std::uint64_t first : {0U, 4U}) {
      auto files = LedgerFiles::Open(folder.path() + "/ledger.db");
      if (!files) continue;
      for (std::uint64_t n = first; n < first + 4; ++n) run.Append(*files, recorded, n);
    }
    recorded.Stop();
    for (const Survives survives : kSurvivals) {
      ExpectSurvives(recorded, run, recorded.size(), survives);
      ASSERT_FALSE(HasFailure()) << "flush " << nth << ", " << static_cast<int>(survives);
    }
    if (nth >= recorded.flushes()) break;
  }
}

}  // namespace
}  // namespace assay::ledger
