#include "agent/handover.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace assay::agent {
namespace {

Error Failed(std::string_view what) {
  return Error{ErrorCode::kIo, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<int> SealedFile(std::string_view content) {
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int descriptor = ::memfd_create("assay-token", MFD_ALLOW_SEALING);
  if (descriptor < 0) return tl::unexpected(Failed("a file in memory for the token"));
  if (!WriteAll(descriptor, content) || ::lseek(descriptor, 0, SEEK_SET) != 0 ||
      ::fcntl(descriptor, F_ADD_SEALS, kSeals) != 0) {
    const Error error = Failed("a file in memory for the token");
    ::close(descriptor);
    return tl::unexpected(error);
  }
  return descriptor;
}

Error Execute(const std::vector<std::string>& command, std::string_view token, Handover handover) {
  // What an outer agent left must not be taken for this one's.
  ::unsetenv(kTokenVariable);
  ::unsetenv(kTokenDescriptorVariable);
  if (handover == Handover::kEnvironment) {
    ::setenv(kTokenVariable, std::string(token).c_str(), 1);
  } else {
    const auto descriptor = SealedFile(token);
    if (!descriptor) return descriptor.error();
    ::setenv(kTokenDescriptorVariable, std::to_string(*descriptor).c_str(), 1);
  }
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  return Failed(fmt::format("cannot run {}", command.front()));
}

}  // namespace assay::agent
