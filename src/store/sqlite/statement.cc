#include "store/sqlite/statement.h"

#include <fmt/format.h>

namespace assay::store {

tl::unexpected<Error> SqliteError(sqlite3* database, std::string_view doing) {
  return Fail(ErrorCode::kIo,
              fmt::format("store: {}: {} (SQLite {})", doing, sqlite3_errmsg(database),
                          sqlite3_extended_errcode(database)));
}

Result<void> Execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(database, sql);
  }
  return {};
}

Result<Statement> Statement::Prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* out = nullptr;
  if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &out, nullptr) != SQLITE_OK) {
    return SqliteError(database, sql);
  }
  return Statement(out);
}

void Statement::Bind(int index, View bytes) {
  // A null pointer would bind NULL: an empty value is a blob of no bytes.
  const void* const data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC);
}

void Statement::Bind(int index, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), index, number);
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(sqlite3_db_handle(statement_.get()), sqlite3_sql(statement_.get()));
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Bytes Statement::Blob(int column) const {
  const auto* const data =
      static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

}  // namespace assay::store
