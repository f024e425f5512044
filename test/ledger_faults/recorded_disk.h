// What a disk may hold after the power failed: of what was written behind the last flush of a file
// nothing, all, or a part, down to a write that is torn in its middle.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "ledger_faults/faulty_disk.h"

namespace assay {

// How much of what was not flushed came to the disk.
enum class Survives {
  kNothing,
  kAll,
  kFirstHalfTorn,  // in order, and the last one up to some byte
  kSectors,        // each piece of 512 bytes or not, at random
  kPages,          // each write or not, at random
  kLastAlone,      // out of order
};

class RecordedDisk {
 public:
  // Records what happens on the disk from now on. Flushes for which `fails` says so fail, and what
  // they should have flushed never comes to the disk, whatever is flushed later.
  RecordedDisk(FaultyDisk& disk, std::function<bool(std::size_t flush)> fails = nullptr);
  ~RecordedDisk() { Stop(); }
  RecordedDisk(const RecordedDisk&) = delete;
  RecordedDisk& operator=(const RecordedDisk&) = delete;

  void Stop() { disk_.SetJudge(nullptr); }
  // To be called when nobody uses the disk.
  std::size_t size() const { return operations_.size(); }
  std::size_t flushes() const { return flushes_; }
  // Whether the begin of that file was written more than once.
  bool Rewrites(std::string_view name) const;
  // What the power left after `count` operations, written to `folder`.
  void Restore(std::size_t count, Survives survives, unsigned seed,
               const std::string& folder) const;

 private:
  struct Recorded {
    DiskAction action = DiskAction::kWrite;
    std::string name;  // of the file, without its folder
    std::int64_t offset = 0;
    Bytes written;
    bool failed = false;
  };
  struct File {
    bool there = false;  // on the disk, whatever the power does
    Bytes durable;
    std::vector<const Recorded*> pending;
  };
  DiskFault Record(const DiskOperation& operation, const std::function<bool(std::size_t)>& fails);
  static void Flush(File& file, bool removals_alone);
  std::map<std::string, File> FilesAfter(std::size_t count) const;

  FaultyDisk& disk_;
  std::vector<Recorded> operations_;
  std::size_t flushes_ = 0;
};

}  // namespace assay
