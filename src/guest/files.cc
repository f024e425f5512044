#include "guest/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace assay {
namespace {

tl::unexpected<Error> Cannot(std::string_view what, const std::filesystem::path& path, int error) {
  return Fail(ErrorCode::kIo,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)),
              error == EACCES ? "this program needs the right to it; root has it" : "");
}

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Result<Bytes> ReadAll(const File& file, const std::filesystem::path& path, std::size_t max_bytes) {
  constexpr std::size_t kPiece = 64U << 10U;
  Bytes out;
  while (true) {
    const std::size_t before = out.size();
    out.resize(before + kPiece);
    const ssize_t count = ::read(file.get(), out.data() + before, kPiece);
    if (count < 0 && errno == EINTR) {
      out.resize(before);
      continue;
    }
    if (count < 0) return Cannot("read", path, errno);
    out.resize(before + static_cast<std::size_t>(count));
    if (out.size() > max_bytes) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("{} is larger than {} bytes", path.string(), max_bytes));
    }
    if (count == 0) return out;
  }
}

}  // namespace

Result<Bytes> ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const File file(path, O_RDONLY);
  if (file.get() < 0) return Cannot("open", path, errno);
  return ReadAll(file, path, max_bytes);
}

Result<std::optional<Bytes>> ReadFileIfThere(const std::filesystem::path& path,
                                             std::size_t max_bytes) {
  const File file(path, O_RDONLY);
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<Bytes>();
  if (file.get() < 0) return Cannot("open", path, errno);
  return std::optional<Bytes>(TRY(ReadAll(file, path, max_bytes)));
}

bool WriteAll(int descriptor, View content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

Result<void> WriteFile(const std::filesystem::path& path, View content) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) return Cannot("create", fresh, errno);
    if (!WriteAll(file.get(), content)) return Cannot("write", fresh, errno);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return Cannot("write", path, errno);
  return {};
}

}  // namespace assay
