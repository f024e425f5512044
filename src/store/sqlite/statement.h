// SQLite's handles as values, and its results as Result.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::store {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using DatabasePtr = std::unique_ptr<sqlite3, CloseDatabase>;

// What SQLite says of its last failure; `doing` names what was tried.
tl::unexpected<Error> SqliteError(sqlite3* database, std::string_view doing);

// Runs statements that give no rows.
Result<void> Execute(sqlite3* database, const char* sql);

// A prepared statement, kept for its connection's life. Each use: Bind…, Step…, Reset.
class Statement {
 public:
  static Result<Statement> Prepare(sqlite3* database, std::string_view sql);

  // Parameters count from 1. The bytes must live until Reset.
  void Bind(int index, View bytes);
  void Bind(int index, std::int64_t number);
  // True: there is a row to read. False: done.
  Result<bool> Step();
  void Reset();

  Bytes Blob(int column) const;
  std::int64_t Integer(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets at the end of its scope, so that no read transaction stays open.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  ~Use() { statement_.Reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return &statement_; }

 private:
  Statement& statement_;
};

}  // namespace assay::store
