// Values during an evaluation. They point into the document, the query or the arena and never own,
// so that a projection shares its elements instead of copying them.
//
// Sharing makes results graphs: `[@,@] | [@,@] | ...` describes an exponentially large document in
// a few nodes. Whatever walks a value as a tree (equality, text, conversion) pays per node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/jmespath/ast.h"
#include "policy/jmespath/budget.h"

namespace assay::jmespath {

class Value;
using List = std::vector<Value>;
using Dict = std::vector<std::pair<std::string_view, Value>>;

// One bit each, so that a parameter can accept several.
enum Kind : std::uint8_t {
  kNull = 1,
  kBoolean = 2,
  kNumber = 4,
  kString = 8,
  kArray = 16,
  kObject = 32,
  kReference = 64,  // &expression
};

class Value {
 public:
  Value() = default;
  explicit Value(bool b) : data_(b) {}
  explicit Value(std::int64_t n) : data_(n) {}
  explicit Value(double d) : data_(d) {}
  explicit Value(std::string_view s) : data_(s) {}
  explicit Value(const List* list) : data_(list) {}
  explicit Value(const Dict* dict) : data_(dict) {}
  explicit Value(const Node* expression) : data_(expression) {}
  static Value From(const json::Value& value);

  Kind kind() const;
  std::string_view KindName() const;
  // The value as a condition: null, false and what is empty are false; every number is true.
  bool Truthy() const;

  // Each only for its kind.
  bool boolean() const { return std::get<bool>(data_); }
  std::string_view string() const { return std::get<std::string_view>(data_); }
  const Node* expression() const { return std::get<const Node*>(data_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
  double number() const;

  // Of arrays and objects.
  std::size_t size() const;
  Value at(std::size_t index) const;
  std::string_view key(std::size_t index) const;
  // The member of that name; null when this is no object or has none.
  Value Find(std::string_view name) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const json::Array*,
               const json::Object*, const List*, const Dict*, const Node*>
      data_;
};

// -1, 0 or 1; exact between integers.
int CompareNumbers(const Value& a, const Value& b);

// Equal as JSON: numbers by value, objects whatever the order of their members. False also when the
// budget ends, which the caller sees by `budget`.
bool DeepEqual(const Value& a, const Value& b, Budget& budget);

// The value as a document of its own; an error when it holds an expression or the budget ends.
Result<json::Value> ToJson(const Value& value, Budget& budget);

// Owns what an evaluation makes.
class Arena {
 public:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Value Keep(List list) { return Value(&lists_.emplace_back(std::move(list))); }
  Value Keep(Dict dict) { return Value(&dicts_.emplace_back(std::move(dict))); }
  Value Keep(json::Value value) { return Value::From(values_.emplace_back(std::move(value))); }

 private:
  std::deque<std::string> texts_;
  std::deque<List> lists_;
  std::deque<Dict> dicts_;
  std::deque<json::Value> values_;
};

}  // namespace assay::jmespath
