#include "ledger_faults/recorded_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace assay {
namespace {

constexpr std::size_t kSector = 512;

void Put(Bytes& file, std::size_t offset, View bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Each sector of a write by itself.
void PutSectors(Bytes& file, std::size_t offset, View bytes, std::minstd_rand& random) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kSector - offset % kSector);
    if (random() % 2 == 0) Put(file, offset, bytes.first(size));
    offset += size;
    bytes = bytes.subspan(size);
  }
}

// What came of one file.
class Remains {
 public:
  Remains(bool there, Bytes content, std::minstd_rand& random)
      : there_(there), content_(std::move(content)), random_(random) {}

  void Write(std::size_t offset, View bytes, Survives survives) {
    if (survives == Survives::kSectors) {
      PutSectors(content_, offset, bytes, random_);
    } else {
      Put(content_, offset, bytes);
    }
    there_ = true;
  }
  void Truncate(std::size_t size) { content_.resize(size); }
  void Delete() {
    content_.clear();
    there_ = false;
  }
  void Save(const std::filesystem::path& path) const {
    if (!there_) return;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    const std::string_view text = AsText(content_);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    std::filesystem::permissions(path, std::filesystem::perms{0600});
  }

 private:
  bool there_;
  Bytes content_;
  std::minstd_rand& random_;
};

std::string NameOf(std::string_view path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

RecordedDisk::RecordedDisk(FaultyDisk& disk, std::function<bool(std::size_t)> fails) : disk_(disk) {
  disk_.SetJudge([this, fails = std::move(fails)](const DiskOperation& operation) {
    return Record(operation, fails);
  });
}

DiskFault RecordedDisk::Record(const DiskOperation& operation,
                               const std::function<bool(std::size_t)>& fails) {
  const DiskAction action = operation.action;
  if (action == DiskAction::kOpen || action == DiskAction::kRead) return DiskFault::kNone;
  Recorded one{action, NameOf(operation.path), operation.offset, ToBytes(operation.written), false};
  if (action == DiskAction::kSync) {
    one.failed = fails && fails(flushes_);
    ++flushes_;
  }
  const DiskFault out = one.failed ? DiskFault::kIoError : DiskFault::kNone;
  operations_.push_back(std::move(one));
  return out;
}

bool RecordedDisk::Rewrites(std::string_view name) const {
  return std::count_if(operations_.begin(), operations_.end(), [name](const Recorded& one) {
           return one.action == DiskAction::kWrite && one.offset == 0 && one.name == name;
         }) > 1;
}

// All that is pending, or what is up to the last removal.
void RecordedDisk::Flush(File& file, bool removals_alone) {
  auto end = file.pending.end();
  while (removals_alone && end != file.pending.begin() &&
         (*std::prev(end))->action != DiskAction::kDelete) {
    --end;
  }
  for (auto next = file.pending.begin(); next != end; ++next) {
    const Recorded& one = **next;
    const auto offset = static_cast<std::size_t>(one.offset);
    file.there = one.action != DiskAction::kDelete;
    if (one.action == DiskAction::kDelete) file.durable.clear();
    if (one.action == DiskAction::kTruncate) file.durable.resize(offset);
    if (one.action == DiskAction::kWrite) Put(file.durable, offset, one.written);
  }
  file.pending.erase(file.pending.begin(), end);
}

std::map<std::string, RecordedDisk::File> RecordedDisk::FilesAfter(std::size_t count) const {
  std::map<std::string, File> out;
  for (std::size_t i = 0; i < count; ++i) {
    const Recorded& one = operations_[i];
    File& file = out[one.name];
    if (one.action != DiskAction::kSync) {
      file.pending.push_back(&one);
    } else if (one.failed) {
      file.pending.clear();
    } else {
      // With the first flush of a new file SQLite flushes the folder, too (unixSync).
      if (!file.there) {
        for (auto& [name, other] : out) Flush(other, true);
      }
      Flush(file, false);
      file.there = true;
    }
  }
  return out;
}

void RecordedDisk::Restore(std::size_t count, Survives survives, unsigned seed,
                           const std::string& folder) const {
  std::minstd_rand random(seed);
  for (const auto& [name, file] : FilesAfter(count)) {
    Remains remains(file.there, file.durable, random);
    const std::size_t pending = file.pending.size();
    for (std::size_t i = 0; i < pending; ++i) {
      const Recorded& one = *file.pending[i];
      View bytes = one.written;
      bool comes = survives == Survives::kAll;
      if (survives == Survives::kFirstHalfTorn) {
        comes = i <= pending / 2;
        if (i == pending / 2) bytes = bytes.first(bytes.empty() ? 0 : random() % bytes.size());
      } else if (survives == Survives::kSectors || survives == Survives::kPages) {
        comes = (survives == Survives::kSectors && one.action == DiskAction::kWrite) ||
                random() % 2 == 0;
      } else if (survives == Survives::kLastAlone) {
        comes = i + 1 == pending;
      }
      // What is written behind a removal that did not come to the disk is in a file without a name.
      if (one.action == DiskAction::kDelete && !comes) break;
      if (!comes) continue;
      const auto offset = static_cast<std::size_t>(one.offset);
      if (one.action == DiskAction::kDelete) remains.Delete();
      if (one.action == DiskAction::kTruncate) remains.Truncate(offset);
      if (one.action == DiskAction::kWrite) remains.Write(offset, bytes, survives);
    }
    remains.Save(folder + "/" + name);
  }
}

}  // namespace assay
