#include "agent/secret_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "guest/files.h"

namespace assay::agent {
namespace {

// statfs(2): of what is in memory alone.
constexpr decltype(std::declval<struct statfs>().f_type) kTmpfs = 0x01021994, kRamfs = 0x858458F6;

tl::unexpected<Error> BadFolder(const std::filesystem::path& path, std::string_view found) {
  return Fail(
      ErrorCode::kIo,
      fmt::format("--secret-dir {}: expected a folder in memory (tmpfs or ramfs), mode 0700 "
                  "and this user's own, found {}",
                  path.string(), found),
      "one below /run that is not there yet is made so; as a service: RuntimeDirectory= "
      "with RuntimeDirectoryMode=0700");
}

}  // namespace

Result<SecretFolder> SecretFolder::Open(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return BadFolder(path, std::strerror(errno));
  }
  const int descriptor = ::open(path.c_str(), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_RDONLY);
  if (descriptor < 0) return BadFolder(path, std::strerror(errno));
  SecretFolder out(path, descriptor);
  // Of the folder that is open now: its name may be given to another meanwhile.
  struct stat what {};
  struct statfs where {};
  if (::fstat(descriptor, &what) != 0 || ::fstatfs(descriptor, &where) != 0) {
    return BadFolder(path, std::strerror(errno));
  }
  if (where.f_type != kTmpfs && where.f_type != kRamfs) {
    return BadFolder(path, "one on another file system");
  }
  if (what.st_uid != ::geteuid()) return BadFolder(path, "one of another user");
  if ((what.st_mode & 0077U) != 0) {
    return BadFolder(path, fmt::format("mode {:04o}", what.st_mode & 07777U));
  }
  return out;
}

SecretFolder::SecretFolder(SecretFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

SecretFolder::~SecretFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::filesystem::path> SecretFolder::Write(std::string_view name, View content) const {
  const std::string file(name);
  ::unlinkat(descriptor_, file.c_str(), 0);
  const int descriptor = ::openat(descriptor_, file.c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
  const bool written = descriptor >= 0 && WriteAll(descriptor, content);
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) return path_ / file;
  return Fail(ErrorCode::kIo,
              fmt::format("cannot write {}: {}", (path_ / file).string(), std::strerror(error)));
}

}  // namespace assay::agent
