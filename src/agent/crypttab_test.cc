#include "agent/crypttab.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace assay::agent {
namespace {

constexpr std::string_view kCrypttab =
    "# volumes\n"
    "data\t/dev/vdb  /run/assay-unlock.sock luks,_netdev\n"
    "\n"
    "  home UUID=12-34 none\n"
    "#old /dev/vdc none\n"
    "part PARTLABEL=secret none";

TEST(Crypttab, TellsTheDeviceOfAVolume) {
  EXPECT_EQ(DeviceInCrypttab(kCrypttab, "data").value(), "/dev/vdb");
  EXPECT_EQ(DeviceInCrypttab(kCrypttab, "home").value(), "/dev/disk/by-uuid/12-34");
  EXPECT_EQ(DeviceInCrypttab(kCrypttab, "part").value(), "/dev/disk/by-partlabel/secret");
}

TEST(Crypttab, KnowsNoOther) {
  for (const char* other : {"dat", "data2", "old", "#old", "#", "", "/dev/vdb"}) {
    EXPECT_FALSE(DeviceInCrypttab(kCrypttab, other)) << other;
  }
  EXPECT_FALSE(DeviceInCrypttab("data", "data"));
  EXPECT_FALSE(DeviceInCrypttab("", "data"));
}

TEST(CryptsetupSocket, NamesItsVolume) {
  const std::string name = std::string(1, '\0') + "d7067f78d9827418/cryptsetup/my-volume";
  EXPECT_EQ(VolumeInSocketName(name).value(), "my-volume");
}

TEST(CryptsetupSocket, HasAnAbstractNameOfThatForm) {
  const std::string zero(1, '\0');
  for (const std::string& other :
       {std::string(), zero, zero + "a/cryptsetup/", zero + "a/cryptsetup-tpm2/v",
        std::string("/run/cryptsetup/v")}) {
    EXPECT_FALSE(VolumeInSocketName(other)) << other;
  }
}

// As systemd-cryptsetup connects, and as systemd hands the connection on.
TEST(CryptsetupSocket, IsAskedOfAConnection) {
  sockaddr_un server{};
  server.sun_family = AF_UNIX;
  const std::string path = std::string(1, '\0') + "assay-test-" + std::to_string(::getpid());
  std::memcpy(server.sun_path, path.data(), path.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&server), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  sockaddr_un client{};
  client.sun_family = AF_UNIX;
  const std::string own = path + "/cryptsetup/data";
  std::memcpy(client.sun_path, own.data(), own.size());
  const int caller = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(caller, reinterpret_cast<sockaddr*>(&client),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + own.size())),
            0);
  ASSERT_EQ(::connect(caller, reinterpret_cast<sockaddr*>(&server), size), 0);
  const int connection = ::accept(listener, nullptr, nullptr);
  EXPECT_EQ(VolumeOfPeer(connection).value(), "data");
  for (const int one : {connection, caller, listener}) ::close(one);
  EXPECT_FALSE(VolumeOfPeer(STDIN_FILENO));
}

}  // namespace
}  // namespace assay::agent
