#include "collateral/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <system_error>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/digest.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "assay-store-1";

// Held from construction to destruction. A folder that cannot be written to has nobody writing:
// there, reading works without.
class FolderLock {
 public:
  FolderLock(const fs::path& folder, bool exclusive) {
    const int flags = exclusive ? O_CREAT | O_RDWR | O_CLOEXEC : O_RDONLY | O_CLOEXEC;
    fd_ = ::open((folder / ".lock").c_str(), flags, 0644);
    if (fd_ >= 0) held_ = ::flock(fd_, exclusive ? LOCK_EX : LOCK_SH) == 0;
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool held() const { return held_; }

 private:
  int fd_ = -1;
  bool held_ = false;
};

// Paths are made in pieces.cc from checked parts; this is the second door.
Result<void> CheckPath(std::string_view path) {
  bool start = true;  // of a component
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool inner = c == '/' || c == '.' || c == '_' || c == '-';
    if (!letter && (start || !inner)) {
      return Fail(ErrorCode::kInvalidArgument, "not a path of a collateral store");
    }
    start = c == '/';
  }
  if (start) return Fail(ErrorCode::kInvalidArgument, "not a path of a collateral store");
  return {};
}

fs::path With(const fs::path& file, std::string_view ending) {
  return file.string() + std::string(ending);
}

Result<Bytes> ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorCode::kMissing, fmt::format("no file {}", path.string()));
  Bytes content(limits::kCollateralFileBytes + 1);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || content.size() > limits::kCollateralFileBytes) {
    return Fail(ErrorCode::kMalformed, fmt::format("{} cannot be read", path.string()));
  }
  return content;
}

Result<void> Replace(const fs::path& path, View content) {
  static std::atomic<unsigned> counter{0};
  const fs::path fresh = With(path, fmt::format(".{}.{}", ::getpid(), counter.fetch_add(1)));
  std::error_code error;
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    file.flush();
    if (!file) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(fresh, path, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(fresh, ignored);
  return Fail(ErrorCode::kIo, fmt::format("cannot write {}: {}", path.string(), error.message()),
              "expected a folder that this user may write to, with room in it");
}

std::string MetaText(const Answer& answer) {
  return json::WritePretty(
      json::Object{{"format", kFormat},
                   {"url", answer.url},
                   {"etag", answer.etag},
                   {"checked", FormatTime(answer.checked)},
                   {"sha256", HexEncode(Sha256(answer.body))},
                   {"issuer_chain_sha256", HexEncode(Sha256(AsBytes(answer.issuer_chain)))}});
}

// Reads the answer behind `meta`; an Error when one of the three is not as it was written.
Result<Answer> ReadAll(const fs::path& file, std::string_view meta) {
  const json::Value value = TRY(json::Parse(meta));
  if (TRY(value.String("format", "format")) != kFormat) {
    return Fail(ErrorCode::kUnsupported, fmt::format("expected format {}", kFormat));
  }
  Answer out;
  out.url = TRY(value.String("url", "url"));
  out.etag = TRY(value.String("etag", "etag"));
  out.checked = TRY(ParseTime(TRY(value.String("checked", "checked"))));
  out.body = TRY(ReadWhole(file));
  if (const auto chain = ReadWhole(With(file, kChainEnding))) out.issuer_chain = AsText(*chain);
  if (HexEncode(Sha256(out.body)) != TRY(value.String("sha256", "sha256")) ||
      HexEncode(Sha256(AsBytes(out.issuer_chain))) !=
          TRY(value.String("issuer_chain_sha256", "issuer_chain_sha256"))) {
    return Fail(ErrorCode::kMalformed, "the digests differ");
  }
  return out;
}

bool Counts(const fs::directory_entry& entry, bool folders) {
  std::error_code error;
  if (entry.is_symlink(error)) return false;
  if (folders) return entry.is_directory(error);
  const std::string name = entry.path().filename().string();
  return entry.is_regular_file(error) && !name.ends_with(kMetaEnding) &&
         !name.ends_with(kChainEnding);
}

// Keeps the number of folders, or of answers, beside the new one that is to be written below the
// limit.
void MakeRoom(const fs::path& fresh, bool folders, std::size_t limit) {
  std::error_code error;
  if (fs::exists(fresh, error)) return;
  std::size_t count = 0;
  fs::path oldest;
  fs::file_time_type oldest_time = fs::file_time_type::max();
  for (fs::directory_iterator entry(fresh.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (!Counts(*entry, folders)) continue;
    ++count;
    std::error_code time_error;
    const auto time = entry->last_write_time(time_error);
    if (time_error || time >= oldest_time) continue;
    oldest_time = time;
    oldest = entry->path();
  }
  if (count < limit || oldest.empty()) return;
  fs::remove(With(oldest, kMetaEnding), error);
  fs::remove(With(oldest, kChainEnding), error);
  fs::remove_all(oldest, error);
}

}  // namespace

Result<Answer> CollateralStore::Load(const std::string& path) const {
  if (folder_.empty()) return Fail(ErrorCode::kMissing, "no store is kept");
  TRY_VOID(CheckPath(path));
  const fs::path file = folder_ / path;
  const FolderLock lock(folder_, false);
  const auto meta = ReadWhole(With(file, kMetaEnding));
  if (!meta) {
    return Fail(ErrorCode::kMissing, fmt::format("the store {} has no {}", folder_.string(), path));
  }
  auto answer = ReadAll(file, AsText(*meta));
  if (answer) return answer;
  return Fail(ErrorCode::kMalformed,
              fmt::format("{} is not as it was stored ({})", file.string(), answer.error().message),
              "fetch or import it again");
}

Result<void> CollateralStore::Save(const std::string& path, const Answer& answer) {
  if (folder_.empty()) return {};
  TRY_VOID(CheckPath(path));
  if (answer.body.size() > limits::kCollateralFileBytes ||
      answer.issuer_chain.size() > limits::kCollateralFileBytes) {
    return Fail(ErrorCode::kInvalidArgument, "larger than any collateral");
  }
  const fs::path file = folder_ / path;
  std::error_code error;
  fs::create_directories(folder_, error);
  const FolderLock lock(folder_, true);
  if (!lock.held()) {
    return Fail(ErrorCode::kIo, fmt::format("cannot lock {}", folder_.string()),
                "expected a folder that this user may write to");
  }
  MakeRoom(file.parent_path(), true, limits::kStoreFolders);
  MakeRoom(file, false, limits::kStoreFilesInFolder);
  fs::create_directories(file.parent_path(), error);
  TRY_VOID(Replace(file, answer.body));
  if (answer.issuer_chain.empty()) {
    fs::remove(With(file, kChainEnding), error);
  } else {
    TRY_VOID(Replace(With(file, kChainEnding), AsBytes(answer.issuer_chain)));
  }
  return Replace(With(file, kMetaEnding), AsBytes(MetaText(answer)));
}

void CollateralStore::Remove(const std::string& path) {
  if (folder_.empty() || !CheckPath(path)) return;
  const FolderLock lock(folder_, true);
  if (!lock.held()) return;
  const fs::path file = folder_ / path;
  std::error_code ignored;
  for (const fs::path& one : {file, With(file, kChainEnding), With(file, kMetaEnding)}) {
    fs::remove(one, ignored);
  }
}

}  // namespace assay
