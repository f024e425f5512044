#include "agent/crypttab.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace assay::agent {
namespace {

constexpr std::string_view kSpace = " \t";

// The first word, which is taken away.
std::string_view TakeWord(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(kSpace), line.size());
  const std::size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

std::string PathOfDevice(std::string_view device) {
  struct Link {
    std::string_view prefix, folder;
  };
  constexpr std::array<Link, 4> kLinks = {{{"UUID=", "by-uuid"},
                                           {"LABEL=", "by-label"},
                                           {"PARTUUID=", "by-partuuid"},
                                           {"PARTLABEL=", "by-partlabel"}}};
  for (const Link& link : kLinks) {
    if (!device.starts_with(link.prefix)) continue;
    return fmt::format("/dev/disk/{}/{}", link.folder, device.substr(link.prefix.size()));
  }
  return std::string(device);
}

}  // namespace

Result<std::string> VolumeInSocketName(std::string_view name) {
  constexpr std::string_view kPlace = "/cryptsetup/";
  const std::size_t at = name.find(kPlace);
  const bool abstract = !name.empty() && name.front() == '\0';
  const std::string_view volume =
      at == std::string_view::npos ? std::string_view() : name.substr(at + kPlace.size());
  if (abstract && !volume.empty()) return std::string(volume);
  return Fail(ErrorCode::kInvalidArgument,
              "the caller's socket does not name a volume as systemd-cryptsetup does");
}

Result<std::string> VolumeOfPeer(int descriptor) {
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
    return Fail(
        ErrorCode::kIo,
        fmt::format("--socket: the standard input is no connection: {}", std::strerror(errno)),
        "systemd starts it so: deploy/assay-unlock.socket");
  }
  const std::size_t head = offsetof(sockaddr_un, sun_path);
  if (peer.sun_family != AF_UNIX || size <= head) return VolumeInSocketName({});
  return VolumeInSocketName(std::string_view(peer.sun_path, size - head));
}

Result<std::string> DeviceInCrypttab(std::string_view crypttab, std::string_view volume) {
  while (!crypttab.empty()) {
    const std::size_t end = std::min(crypttab.find('\n'), crypttab.size());
    std::string_view line = crypttab.substr(0, end);
    crypttab.remove_prefix(std::min(end + 1, crypttab.size()));
    const std::string_view name = TakeWord(line);
    if (name.starts_with('#') || name != volume) continue;
    const std::string_view device = TakeWord(line);
    if (!device.empty()) return PathOfDevice(device);
  }
  return Fail(ErrorCode::kMissing,
              fmt::format("crypttab: there is no volume {}", volume.substr(0, 64)));
}

}  // namespace assay::agent
