// SQLite's files with faults: stands before the system's VFS as the default one, tells a test of
// every operation, and fails those that the test wants to fail.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace assay {

enum class DiskAction { kOpen, kRead, kWrite, kTruncate, kSync, kDelete };

struct DiskOperation {
  DiskAction action = DiskAction::kRead;
  std::string_view path;
  std::int64_t offset = 0;  // kTruncate: the new size
  View written;             // kWrite
};

enum class DiskFault {
  kNone,
  kIoError,     // EIO: nothing happens
  kFull,        // ENOSPC: nothing is written
  kShortWrite,  // ENOSPC behind the first half
};

// While it lives, stores that are opened are on this disk. One at a time. Nothing is flushed for
// real: the power stays on, and rounds are many.
class FaultyDisk {
 public:
  using Judge = std::function<DiskFault(const DiskOperation&)>;

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // Asked before each operation of which SQLite hears whether it failed. Null: there are no faults.
  void SetJudge(Judge judge);
  DiskFault Ask(const DiskOperation& operation);
  sqlite3_vfs* system() const { return system_; }

 private:
  sqlite3_vfs* const system_;
  sqlite3_vfs vfs_;
  std::mutex mutex_;  // guards judge_
  Judge judge_;
};

}  // namespace assay
