// The disk fails at the n-th operation of its kind, for every n until a run meets no fault: nothing
// acknowledged is lost, nothing is there in part, the failure is told, and the ledger goes on.
#include <filesystem>
#include <iostream>

#include "ledger_faults/faulty_disk.h"
#include "ledger_faults/told_ledger.h"
#include "support/temporary_folder.h"

namespace assay::ledger {
namespace {

struct FaultPlan {
  DiskAction action = DiskAction::kWrite;
  DiskFault fault = DiskFault::kIoError;
  bool lasting = false;  // from then on, until the disk is mended
};

// Counts operations of one kind and fails the n-th.
class NthFault {
 public:
  NthFault(FaultyDisk& disk, const FaultPlan& plan, std::uint64_t nth) : disk_(disk) {
    disk.SetJudge([this, plan, nth](const DiskOperation& operation) {
      if (operation.action != plan.action) return DiskFault::kNone;
      ++count_;
      const bool now = plan.lasting ? count_ >= nth : count_ == nth;
      struck_ = struck_ || now;
      return now ? plan.fault : DiskFault::kNone;
    });
  }
  ~NthFault() { Mend(); }
  NthFault(const NthFault&) = delete;
  NthFault& operator=(const NthFault&) = delete;
  void Mend() { disk_.SetJudge(nullptr); }
  // To be read when nobody uses the disk.
  bool struck() const { return struck_; }

 private:
  FaultyDisk& disk_;
  std::uint64_t count_ = 0;
  bool struck_ = false;
};

// Makes what a run begins with; what was told until then.
using LedgerStart = std::function<Told(const std::string& path)>;

Told FromNothing(const std::string&) { return {}; }

struct FaultTally {
  std::uint64_t runs = 0, told = 0;
};

void ExpectSays(const Error& error) {
  EXPECT_NE(error.message.find("store: "), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("SQLite"), std::string::npos) << error.message;
}

// Appends and redacts; how many answers were errors.
std::uint64_t WorkUnderFaults(Ledger& ledger, std::uint64_t first, Told& told) {
  std::uint64_t errors = 0;
  for (std::uint64_t n = first; n < first + 6; ++n) {
    const auto index = AppendTold(ledger, n, told);
    if (!index) {
      ExpectSays(index.error());
      ++errors;
    } else if (n % 5 == 2) {
      const auto by = RedactTold(ledger, *index, told);
      if (!by) ExpectSays(by.error());
      errors += by ? 0 : 1;
    }
  }
  return errors;
}

std::optional<LedgerFiles> OpenUnderFaults(const std::string& path, std::uint64_t& errors) {
  auto files = LedgerFiles::Open(path);
  if (files) return std::move(*files);
  ExpectSays(files.error());
  ++errors;
  return std::nullopt;
}

void ExpectGoesOn(LedgerFiles& files, std::uint64_t record, Told& told) {
  const auto index = AppendTold(*files.ledger, record, told);
  ASSERT_TRUE(index) << index.error().message;
  ExpectKept(files, told);
}

// Whether the fault struck. Everything is closed once within, so that SQLite moves its log into the
// database. On a disk that is well again both go on: the process that met the fault, and a new one.
bool RunWithFault(FaultyDisk& disk, const FaultPlan& plan, std::uint64_t nth,
                  const LedgerStart& start, FaultTally& tally) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/ledger.db";
  Told told = start(path);
  std::optional<LedgerFiles> files;
  std::uint64_t errors = 0;
  NthFault fault(disk, plan, nth);
  for (const std::uint64_t first : {10'000U, 10'100U}) {
    files.reset();
    files = OpenUnderFaults(path, errors);
    if (files) errors += WorkUnderFaults(*files->ledger, first, told);
  }
  fault.Mend();
  ++tally.runs;
  tally.told += errors > 0 ? 1 : 0;
  EXPECT_TRUE(plan.lasting || errors <= 1) << "one fault, and " << errors << " answers lost";
  if (files) ExpectGoesOn(*files, 10'200, told);
  files.reset();
  auto again = LedgerFiles::Open(path);
  EXPECT_TRUE(again) << again.error().message;
  if (again) {
    ExpectKept(*again, told);
    ExpectGoesOn(*again, 10'300, told);
  }
  return fault.struck();
}

void RunEveryFault(const FaultPlan& plan, const char* name,
                   const LedgerStart& start = FromNothing) {
  FaultyDisk disk;
  FaultTally tally;
  for (std::uint64_t nth = 1;; nth = NextPoint(nth, 16)) {
    const bool struck = RunWithFault(disk, plan, nth, start, tally);
    ASSERT_FALSE(testing::Test::HasFailure()) << name << ", operation " << nth;
    if (!struck) break;
  }
  EXPECT_GT(tally.told, 0U) << "no fault was ever told";
  std::cout << name << ": " << tally.runs << " runs, in " << tally.told
            << " of them a fault was told\n";
}

TEST(LedgerFaults, KeepsItsPromisesWhenTheDiskIsFull) {
  RunEveryFault({DiskAction::kWrite, DiskFault::kFull, false}, "ENOSPC once");
  RunEveryFault({DiskAction::kWrite, DiskFault::kFull, true}, "ENOSPC lasting");
}

TEST(LedgerFaults, KeepsItsPromisesWhenAWriteIsShort) {
  RunEveryFault({DiskAction::kWrite, DiskFault::kShortWrite, false}, "short write once");
  RunEveryFault({DiskAction::kWrite, DiskFault::kShortWrite, true}, "short write lasting");
}

TEST(LedgerFaults, KeepsItsPromisesWhenAWriteFails) {
  RunEveryFault({DiskAction::kWrite, DiskFault::kIoError, false}, "EIO of a write once");
  RunEveryFault({DiskAction::kWrite, DiskFault::kIoError, true}, "EIO of a write lasting");
}

TEST(LedgerFaults, KeepsItsPromisesWhenAFlushFails) {
  RunEveryFault({DiskAction::kSync, DiskFault::kIoError, false}, "EIO of a flush once");
  RunEveryFault({DiskAction::kSync, DiskFault::kIoError, true}, "EIO of a flush lasting");
}

TEST(LedgerFaults, KeepsItsPromisesWhenAReadFails) {
  RunEveryFault({DiskAction::kRead, DiskFault::kIoError, false}, "EIO of a read once");
  RunEveryFault({DiskAction::kRead, DiskFault::kIoError, true}, "EIO of a read lasting");
}

TEST(LedgerFaults, KeepsItsPromisesWhenAFileDoesNotOpen) {
  RunEveryFault({DiskAction::kOpen, DiskFault::kIoError, false}, "EIO of an open once");
  RunEveryFault({DiskAction::kOpen, DiskFault::kIoError, true}, "EIO of an open lasting");
}

// A process was killed when its log was nearly so long that SQLite moves it into the database: the
// faults meet the recovery of the log, and that move.
class NearlyFullLog {
 public:
  NearlyFullLog() {
    const std::string path = folder_.path() + "/ledger.db";
    LedgerFiles files = LedgerFiles::Open(path).value();
    for (std::uint64_t n = 0; std::filesystem::file_size(path + "-wal") < kAlmost; ++n) {
      AppendTold(*files.ledger, n, told_).value();
    }
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(path + suffix, folder_.path() + "/killed" + suffix);
    }
  }
  Told CopyTo(const std::string& path) const {
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(folder_.path() + "/killed" + suffix, path + suffix);
    }
    return told_;
  }

 private:
  // Of 1,000 pages (SQLite, "Write-Ahead Logging", section 3.1), each with 24 bytes before it.
  static constexpr std::uint64_t kAlmost = 985 * (4096 + 24);
  const TemporaryFolder folder_;
  Told told_;
};

TEST(LedgerFaults, KeepsItsPromisesWhenTheLogIsRecoveredAndMoved) {
  const NearlyFullLog log;
  const LedgerStart start = [&log](const std::string& path) { return log.CopyTo(path); };
  RunEveryFault({DiskAction::kSync, DiskFault::kIoError, false}, "EIO of a flush, log full", start);
  RunEveryFault({DiskAction::kRead, DiskFault::kIoError, false}, "EIO of a read, log full", start);
  RunEveryFault({DiskAction::kWrite, DiskFault::kShortWrite, false}, "short write, log full",
                start);
}

}  // namespace
}  // namespace assay::ledger
