// What only a store on disk must do.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/sqlite_store.h"
#include "support/temporary_folder.h"

namespace assay::store {
namespace {

Bytes Stored(std::string_view text) { return ToBytes(AsBytes(text)); }

void RunSql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

TEST(SqliteStore, KeepsItsEntriesAcrossRestarts) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  ASSERT_TRUE(OpenSqliteStore(path).value()->Commit({{}, {{Stored("a"), Stored("1")}}, {}}));
  const auto again = OpenSqliteStore(path).value();
  EXPECT_EQ(AsText(again->Get(Stored("a")).value()->value), "1");
  EXPECT_EQ(again->Version().value(), 1U);
}

TEST(SqliteStore, IsSharedByTwoConnections) {
  const TemporaryFolder folder;
  const auto one = OpenSqliteStore(folder.path() + "/s.db").value();
  const auto other = OpenSqliteStore(folder.path() + "/s.db").value();
  ASSERT_TRUE(one->Commit({{}, {{Stored("a"), Stored("1")}}, {}}));
  EXPECT_EQ(AsText(other->Get(Stored("a")).value()->value), "1");
  ASSERT_TRUE(other->Commit({{{Stored("a"), 1}}, {{Stored("a"), Stored("2")}}, {}}));
  const auto stale = one->Commit({{{Stored("a"), 1}}, {{Stored("a"), Stored("3")}}, {}});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
  EXPECT_EQ(one->Version().value(), 2U);
}

TEST(SqliteStore, LetsNobodyElseRead) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  const auto store = OpenSqliteStore(path).value();
  ASSERT_TRUE(store->Commit({{}, {{Stored("a"), Stored("1")}}, {}}));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST(SqliteStore, RefusesAFileThatOthersMayRead) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  OpenSqliteStore(path).value().reset();
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  const auto refused = OpenSqliteStore(path);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("0644"), std::string::npos) << refused.error().message;
}

TEST(SqliteStore, RefusesANewerSchema) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  OpenSqliteStore(path).value().reset();
  RunSql(path, "PRAGMA user_version = 2");
  const auto refused = OpenSqliteStore(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

TEST(SqliteStore, RefusesADatabaseOfAnotherProgramAndLeavesItAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  RunSql(path, "CREATE TABLE theirs (x)");
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto size = std::filesystem::file_size(path);
  const auto refused = OpenSqliteStore(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(std::filesystem::file_size(path), size);
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/s.db";
  std::ofstream(path) << std::string(4096, 'x');
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_FALSE(OpenSqliteStore(path));
}

TEST(SqliteStore, FollowsNoLink) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder.path() + "/elsewhere", folder.path() + "/s.db");
  EXPECT_FALSE(OpenSqliteStore(folder.path() + "/s.db"));
}

}  // namespace
}  // namespace assay::store
