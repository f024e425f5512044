// A process that commits is killed at any moment: what it was told is kept is there, whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::store {
namespace {

Bytes B(std::string_view text) { return ToBytes(AsBytes(text)); }

// Commits pairs and tells each acknowledged number to `pipe`, until it is killed.
[[noreturn]] void CommitForever(const std::string& path, int pipe) {
  auto store = OpenSqliteStore(path);
  for (std::uint32_t n = 0; store; ++n) {
    const Bytes value(2000, static_cast<std::byte>(n));
    const std::string name = std::to_string(n);
    if (!(*store)->Commit({{}, {{B("a/" + name), value}, {B("b/" + name), value}}, {}})) break;
    if (::write(pipe, &n, sizeof n) != sizeof n) break;
  }
  ::_exit(1);
}

TEST(Crash, KeepsEveryAcknowledgedBatchAndNoHalfOfOne) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  std::uint32_t acknowledged = 0;
  for (const int milliseconds : {30, 55, 80, 120}) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-wal");
    std::filesystem::remove(path + "-shm");
    const pid_t child = ::fork();
    if (child == 0) CommitForever(path, pipe[1]);
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::uint32_t count = 0;
    for (std::uint32_t n = 0; ::read(pipe[0], &n, sizeof n) == sizeof n;) count = n + 1;
    ::close(pipe[0]);
    acknowledged += count;

    const auto store = OpenSqliteStore(path).value();
    const auto a = ScanAll(*store, B("a/")).value();
    const auto b = ScanAll(*store, B("b/")).value();
    EXPECT_GE(a.size(), count);
    EXPECT_LE(a.size(), count + 1) << "at most one was committed and not yet told";
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].version, b[i].version);
    EXPECT_TRUE(store->Commit({{}, {{B("later"), {}}}, {}})) << "it goes on";
  }
  EXPECT_GT(acknowledged, 0U);
}

}  // namespace
}  // namespace assay::store
