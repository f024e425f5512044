#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/limits.h"
#include "base/work_pool.h"
#include "store/sqlite/statement.h"

namespace assay::store {
namespace {

// "Assy": marks the file as ours (SQLite file format, section 1.3.13).
constexpr std::int64_t kApplicationId = 0x41737379;
// Raised with every change of the tables; a build refuses what is newer than it knows.
constexpr std::int64_t kSchema = 1;

constexpr const char* kTables =
    "CREATE TABLE entry (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL,"
    "                    version INTEGER NOT NULL) STRICT;"
    "CREATE TABLE counter (only INTEGER PRIMARY KEY CHECK (only = 1),"
    "                      version INTEGER NOT NULL) STRICT;"
    "INSERT INTO counter VALUES (1, 0);";

// The first key behind all that begin with `prefix`; empty when there is none.
Bytes After(View prefix) {
  Bytes out = ToBytes(prefix);
  while (!out.empty() && out.back() == std::byte{0xFF}) out.pop_back();
  if (!out.empty()) out.back() = static_cast<std::byte>(ToU8(out.back()) + 1);
  return out;
}

struct Statements {
  Statement get, scan, version, put, erase, advance, begin, commit, rollback;
};

Result<Statements> PrepareAll(sqlite3* database) {
  const auto prepare = [database](std::string_view sql) {
    return Statement::Prepare(database, sql);
  };
  Statement get = TRY(prepare("SELECT key, value, version FROM entry WHERE key = ?1"));
  Statement scan =
      TRY(prepare("SELECT key, value, version FROM entry WHERE key >= ?1 AND key < ?2 AND "
                  "key <> ?3 ORDER BY key LIMIT ?4"));
  Statement version = TRY(prepare("SELECT version FROM counter WHERE only = 1"));
  Statement put =
      TRY(prepare("INSERT INTO entry VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET "
                  "value = excluded.value, version = excluded.version"));
  Statement erase = TRY(prepare("DELETE FROM entry WHERE key = ?1"));
  Statement advance =
      TRY(prepare("UPDATE counter SET version = version + 1 WHERE only = 1 RETURNING version"));
  Statement begin = TRY(prepare("BEGIN IMMEDIATE"));
  Statement commit = TRY(prepare("COMMIT"));
  Statement rollback = TRY(prepare("ROLLBACK"));
  return Statements{std::move(get),   std::move(scan),   std::move(version),
                    std::move(put),   std::move(erase),  std::move(advance),
                    std::move(begin), std::move(commit), std::move(rollback)};
}

Result<void> RunOnce(Statement& statement) {
  const Use use(statement);
  while (TRY(use->Step())) {
  }
  return {};
}

class SqliteStore final : public Store {
 public:
  SqliteStore(DatabasePtr database, Statements statements)
      : database_(std::move(database)), sql_(std::move(statements)) {}

  Result<std::optional<Entry>> Get(View key) override {
    const auto lock = Lock();
    return Read(key);
  }

  Result<std::vector<Entry>> Scan(View prefix, View after, std::size_t limit) override {
    // One bound on each side, so that SQLite walks over what it returns and nothing else.
    Bytes end = After(prefix);
    if (end.empty()) end.assign(limits::kStoreKeyBytes + 1, std::byte{0xFF});
    const View begin = std::max(prefix, after, [](View a, View b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    });
    const auto lock = Lock();
    const Use use(sql_.scan);
    use->Bind(1, begin);
    use->Bind(2, View(end));
    use->Bind(3, after);
    use->Bind(4, static_cast<std::int64_t>(std::min(limit, limits::kStoreScan)));
    std::vector<Entry> out;
    while (TRY(use->Step())) out.push_back(Row(sql_.scan));
    return out;
  }

  Result<std::uint64_t> Commit(const Batch& batch) override {
    TRY_VOID(CheckBatch(batch));
    const WaitsOutside waits;
    const std::lock_guard lock(mutex_);
    TRY_VOID(RunOnce(sql_.begin));
    Result<std::uint64_t> out = Write(batch);
    if (out) {
      const Result<void> done = RunOnce(sql_.commit);
      if (done) return out;
      out = tl::unexpected(done.error());
    }
    // SQLite has rolled back by itself after some errors; then there is nothing to undo.
    if (sqlite3_get_autocommit(database_.get()) == 0) TRY_VOID(RunOnce(sql_.rollback));
    return out;
  }

  Result<std::uint64_t> Version() override {
    const auto lock = Lock();
    const Use use(sql_.version);
    if (!TRY(use->Step())) return Fail(ErrorCode::kMalformed, "store: it has no counter");
    return static_cast<std::uint64_t>(use->Integer(0));
  }

 private:
  // Whoever finds it taken waits for a commit, which waits for the disk.
  std::unique_lock<std::mutex> Lock() {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) return lock;
    const WaitsOutside waits;
    lock.lock();
    return lock;
  }

  static Entry Row(const Statement& row) {
    return {row.Blob(0), row.Blob(1), static_cast<std::uint64_t>(row.Integer(2))};
  }

  Result<std::optional<Entry>> Read(View key) {
    const Use use(sql_.get);
    use->Bind(1, key);
    if (!TRY(use->Step())) return std::optional<Entry>();
    return std::optional<Entry>(Row(sql_.get));
  }

  // Inside a transaction that is the only writer: what is expected cannot change before it ends.
  Result<std::uint64_t> Write(const Batch& batch) {
    for (const Expectation& one : batch.expectations) {
      const std::optional<Entry> found = TRY(Read(one.key));
      const std::uint64_t version = found ? found->version : 0;
      if (version != one.version) return Conflict(one, version);
    }
    const std::int64_t version = TRY(Advance());
    for (const Bytes& key : batch.deletes) {
      const Use use(sql_.erase);
      use->Bind(1, View(key));
      while (TRY(use->Step())) {
      }
    }
    for (const Put& one : batch.puts) {
      const Use use(sql_.put);
      use->Bind(1, View(one.key));
      use->Bind(2, View(one.value));
      use->Bind(3, version);
      while (TRY(use->Step())) {
      }
    }
    return static_cast<std::uint64_t>(version);
  }

  Result<std::int64_t> Advance() {
    const Use use(sql_.advance);
    if (!TRY(use->Step())) return Fail(ErrorCode::kMalformed, "store: it has no counter");
    const std::int64_t version = use->Integer(0);
    while (TRY(use->Step())) {
    }
    return version;
  }

  std::mutex mutex_;  // guards the connection and its statements: one use at a time
  DatabasePtr database_;
  Statements sql_;  // goes before database_
};

Result<std::int64_t> Pragma(sqlite3* database, const char* sql) {
  Statement statement = TRY(Statement::Prepare(database, sql));
  if (!TRY(statement.Step())) return Fail(ErrorCode::kIo, std::string(sql) + ": no answer");
  return statement.Integer(0);
}

// Made by us before SQLite sees it, so that it never is readable by others; SQLite gives its -wal
// and -shm the same mode.
Result<void> Touch(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat info {};
  const bool ok = file >= 0 && ::fstat(file, &info) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!ok) return Fail(ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(error)));
  if (!S_ISREG(info.st_mode)) {
    return Fail(ErrorCode::kIo, path + ": expected a regular file");
  }
  if ((info.st_mode & 0077U) != 0) {
    return Fail(ErrorCode::kIo,
                fmt::format("{}: expected mode 0600, found {:04o}", path, info.st_mode & 07777U),
                "chmod 600 " + path);
  }
  return {};
}

Result<void> SetUp(sqlite3* database, const std::string& path) {
  // In a transaction: of two processes that open a new file, one makes the tables.
  TRY_VOID(Execute(database, "BEGIN IMMEDIATE"));
  const std::int64_t schema = TRY(Pragma(database, "PRAGMA user_version"));
  const std::int64_t application = TRY(Pragma(database, "PRAGMA application_id"));
  const std::int64_t objects = TRY(Pragma(database, "SELECT count(*) FROM sqlite_schema"));
  if (objects != 0 && application != kApplicationId) {
    return Fail(ErrorCode::kUnsupported, path + ": is a database of another program",
                "name another file");
  }
  if (schema > kSchema) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{}: has schema {}, this build knows {}", path, schema, kSchema),
                "it was written by a newer Assay: run that one");
  }
  if (objects == 0) {
    TRY_VOID(Execute(database, kTables));
    TRY_VOID(Execute(database, fmt::format("PRAGMA application_id = {}", kApplicationId).c_str()));
    TRY_VOID(Execute(database, fmt::format("PRAGMA user_version = {}", kSchema).c_str()));
  }
  return Execute(database, "COMMIT");
}

// Only once the file is known to be ours: it changes the file.
Result<void> UseWriteAheadLog(sqlite3* database, const std::string& path) {
  Statement mode = TRY(Statement::Prepare(database, "PRAGMA journal_mode = WAL"));
  if (!TRY(mode.Step()) || AsText(mode.Blob(0)) != "wal") {
    return Fail(ErrorCode::kIo, path + ": no write-ahead log is possible there",
                "choose a folder on a local file system");
  }
  mode.Reset();
  return Execute(database, "PRAGMA synchronous = FULL");
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path) {
  TRY_VOID(Touch(path));
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  DatabasePtr database(opened);
  if (code != SQLITE_OK) return SqliteError(opened, "opening " + path);
  sqlite3_busy_timeout(opened, limits::kStoreBusyMilliseconds);
  TRY_VOID(Execute(opened, "PRAGMA trusted_schema = OFF"));
  TRY_VOID(SetUp(opened, path));
  TRY_VOID(UseWriteAheadLog(opened, path));
  Statements statements = TRY(PrepareAll(opened));
  return std::make_unique<SqliteStore>(std::move(database), std::move(statements));
}

}  // namespace assay::store
