#include "ledger_faults/faulty_disk.h"

#include <cstring>

namespace assay {
namespace {

// What SQLite gives room for (szOsFile): this, and behind it the system's own.
struct FaultyFile {
  sqlite3_file base;
  FaultyDisk* disk;
  const char* path;  // SQLite keeps it until the file is closed; null: a temporary one

  sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *system()->pMethods; }
  DiskFault Ask(DiskAction action, std::int64_t offset = 0, View written = {}) {
    return disk->Ask({action, path == nullptr ? "" : path, offset, written});
  }
};

FaultyFile& Of(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
FaultyDisk& Of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

int Close(sqlite3_file* file) { return Of(file).methods().xClose(Of(file).system()); }

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  if (Of(file).Ask(DiskAction::kRead, offset) != DiskFault::kNone) return SQLITE_IOERR_READ;
  return Of(file).methods().xRead(Of(file).system(), out, size, offset);
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FaultyFile& of = Of(file);
  const View bytes(static_cast<const std::byte*>(data), static_cast<std::size_t>(size));
  switch (of.Ask(DiskAction::kWrite, offset, bytes)) {
    case DiskFault::kNone: return of.methods().xWrite(of.system(), data, size, offset);
    case DiskFault::kIoError: return SQLITE_IOERR_WRITE;
    case DiskFault::kFull: return SQLITE_FULL;
    case DiskFault::kShortWrite: break;
  }
  of.methods().xWrite(of.system(), data, size / 2, offset);
  return SQLITE_FULL;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (Of(file).Ask(DiskAction::kTruncate, size) != DiskFault::kNone) return SQLITE_IOERR_TRUNCATE;
  return Of(file).methods().xTruncate(Of(file).system(), size);
}

int Sync(sqlite3_file* file, int) {
  return Of(file).Ask(DiskAction::kSync) == DiskFault::kNone ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Of(file).methods().xFileSize(Of(file).system(), size);
}
int Lock(sqlite3_file* file, int level) {
  return Of(file).methods().xLock(Of(file).system(), level);
}
int Unlock(sqlite3_file* file, int level) {
  return Of(file).methods().xUnlock(Of(file).system(), level);
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  return Of(file).methods().xCheckReservedLock(Of(file).system(), result);
}
int FileControl(sqlite3_file* file, int what, void* argument) {
  return Of(file).methods().xFileControl(Of(file).system(), what, argument);
}
int SectorSize(sqlite3_file* file) { return Of(file).methods().xSectorSize(Of(file).system()); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Of(file).methods().xDeviceCharacteristics(Of(file).system());
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return Of(file).methods().xShmMap(Of(file).system(), page, size, extend, out);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Of(file).methods().xShmLock(Of(file).system(), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Of(file).methods().xShmBarrier(Of(file).system()); }
int ShmUnmap(sqlite3_file* file, int remove) {
  return Of(file).methods().xShmUnmap(Of(file).system(), remove);
}

// Version 2: without memory-mapped reads, which the store does not use.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  FaultyDisk& disk = Of(vfs);
  auto* const made = new (file) FaultyFile{{nullptr}, &disk, path};
  if (made->Ask(DiskAction::kOpen) != DiskFault::kNone) return SQLITE_CANTOPEN;
  const int code = disk.system()->xOpen(disk.system(), path, made->system(), flags, out_flags);
  if (made->system()->pMethods != nullptr) made->base.pMethods = &kMethods;
  return code;
}

int Delete(sqlite3_vfs* vfs, const char* path, int sync) {
  FaultyDisk& disk = Of(vfs);
  if (disk.Ask({DiskAction::kDelete, path, 0, {}}) != DiskFault::kNone) return SQLITE_IOERR_DELETE;
  return disk.system()->xDelete(disk.system(), path, sync);
}

}  // namespace

FaultyDisk::FaultyDisk() : system_(sqlite3_vfs_find(nullptr)), vfs_(*system_) {
  vfs_.zName = "faulty";
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + system_->szOsFile;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  sqlite3_vfs_register(&vfs_, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(system_, 1);
}

void FaultyDisk::SetJudge(Judge judge) {
  const std::lock_guard lock(mutex_);
  judge_ = std::move(judge);
}

DiskFault FaultyDisk::Ask(const DiskOperation& operation) {
  const std::lock_guard lock(mutex_);
  return judge_ ? judge_(operation) : DiskFault::kNone;
}

}  // namespace assay
