// The one strict door for JSON: RFC 8259 text, no duplicate keys, bounded depth, nothing trailing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace assay::json {

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;  // in document order; keys unique

class Value {
 public:
  // Defined in json.cc: inlined everywhere, the variant's copies cost code and g++ 12 misjudges
  // them.
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
  Value(std::nullptr_t) : Value() {}
  Value(bool b) : data_(b) {}
  Value(int n) : data_(std::int64_t{n}) {}
  Value(unsigned n) : data_(std::int64_t{n}) {}
  Value(std::int64_t n) : data_(n) {}
  Value(std::uint64_t n);  // kept exactly: beyond int64 it becomes its decimal string
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a);
  Value(Object o);

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* AsBool() const { return std::get_if<bool>(&data_); }
  const std::int64_t* AsInt() const { return std::get_if<std::int64_t>(&data_); }
  const double* AsDouble() const { return std::get_if<double>(&data_); }
  const std::string* AsString() const { return std::get_if<std::string>(&data_); }
  const Array* AsArray() const { return std::get_if<Array>(&data_); }
  const Object* AsObject() const { return std::get_if<Object>(&data_); }

  // The member of that name; null when this is no object or has none.
  const Value* Find(std::string_view key) const;
  // The same, typed, with an error that names `where` (for example "tcbInfo.nextUpdate").
  Result<std::string> String(std::string_view key, std::string_view where) const;
  Result<std::int64_t> Int(std::string_view key, std::string_view where) const;
  Result<const Array*> List(std::string_view key, std::string_view where) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

Result<Value> Parse(std::string_view text);

// The exact bytes of the top-level member `key`, as they stand in `text`: what Intel signs is the
// raw inner object (PCS API v4), which a re-serialisation would not reproduce.
Result<std::string> RawMember(std::string_view text, std::string_view key);

std::string Write(const Value& value);        // compact
std::string WritePretty(const Value& value);  // two spaces, for people

}  // namespace assay::json
