#include "keys/kek_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace assay::keys {
namespace {

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<SecretBytes> ReadPrivateFile(const std::string& path, std::size_t most) {
  const OpenFile file(path, O_RDONLY);
  if (file.fd() < 0) {
    return Fail(errno == ENOENT ? ErrorCode::kMissing : ErrorCode::kIo,
                "cannot read " + path + ": " + std::strerror(errno));
  }
  struct stat about {};
  if (fstat(file.fd(), &about) != 0 || !S_ISREG(about.st_mode) || (about.st_mode & 077U) != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                path + ": expected a file that only its owner may read", "chmod 600 " + path);
  }
  SecretBytes room(most + 1);
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t count = read(file.fd(), room.writable().data() + size, room.size() - size);
    if (count < 0) return Fail(ErrorCode::kIo, "cannot read " + path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > most) {
    return Fail(ErrorCode::kMalformed, fmt::format("{}: expected at most {} bytes", path, most));
  }
  return SecretBytes(room.view().first(size));
}

Result<void> WriteKekFile(const std::string& folder, const std::string& name,
                          std::string_view text) {
  const std::string path = folder + "/" + name;
  const std::string fresh = path + ".new";
  {
    const OpenFile file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    const auto size = static_cast<ssize_t>(text.size());
    if (file.fd() < 0 || write(file.fd(), text.data(), text.size()) != size ||
        fsync(file.fd()) != 0) {
      return Fail(ErrorCode::kIo, "cannot write " + fresh + ": " + std::strerror(errno));
    }
  }
  const OpenFile directory(folder, O_RDONLY | O_DIRECTORY);
  if (link(fresh.c_str(), path.c_str()) != 0 || unlink(fresh.c_str()) != 0 || directory.fd() < 0 ||
      fsync(directory.fd()) != 0) {
    return Fail(ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno));
  }
  return {};
}

Result<void> CheckKekId(std::string_view id) {
  if (id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
    return {};
  }
  return Fail(ErrorCode::kMalformed, "key-encryption key: expected an id of 32 digits");
}

}  // namespace assay::keys
