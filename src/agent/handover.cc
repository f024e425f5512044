#include "agent/handover.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "crypto/secret.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

Error Failed(std::string_view what) {
  return Error{ErrorCode::kIo, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

// What an outer agent left must not be taken for this one's.
std::optional<Error> Give(const Handed& one) {
  const std::string numbered = one.variable + "_FD";
  ::unsetenv(one.variable.c_str());
  ::unsetenv(numbered.c_str());
  if (one.how == Handover::kEnvironment) {
    std::string text(AsText(one.content));
    const bool good = text.find('\0') == std::string::npos;
    if (good) ::setenv(one.variable.c_str(), text.c_str(), 1);
    Cleanse(std::as_writable_bytes(std::span(text)));
    if (good) return std::nullopt;
    return Error{ErrorCode::kInvalidArgument,
                 one.variable + ": it holds a zero byte, which no environment can hold",
                 "hand it over by a descriptor"};
  }
  const auto descriptor = SealedFile(one.content);
  if (!descriptor) return descriptor.error();
  ::setenv(numbered.c_str(), std::to_string(*descriptor).c_str(), 1);
  return std::nullopt;
}

}  // namespace

Result<int> SealedFile(View content) {
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int descriptor = ::memfd_create("assay", MFD_ALLOW_SEALING);
  if (descriptor < 0) return tl::unexpected(Failed("a file in memory"));
  if (!WriteAll(descriptor, content) || ::lseek(descriptor, 0, SEEK_SET) != 0 ||
      ::fcntl(descriptor, F_ADD_SEALS, kSeals) != 0) {
    const Error error = Failed("a file in memory");
    ::close(descriptor);
    return tl::unexpected(error);
  }
  return descriptor;
}

Error Execute(const std::vector<std::string>& command, const std::vector<Handed>& handed) {
  for (const Handed& one : handed) {
    if (auto error = Give(one)) return *error;
  }
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  return Failed(fmt::format("cannot run {}", command.front()));
}

}  // namespace assay::agent
