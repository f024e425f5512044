// Values during one evaluation. They point into the claims, the policy or the arena, so that a
// claim of a megabyte is passed around for free.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/jmespath/budget.h"
#include "policy/jmespath/jmespath.h"

namespace assay::policy {

enum class ValueType : std::uint8_t { kString, kInteger, kBoolean };

std::string_view Name(ValueType type);  // "String", as valueType spells it

struct Datum {
  ValueType type = ValueType::kString;
  bool read_only = false;
  // A string that is the text of `json`. What JmesPath() found is issued as that text; a claim that
  // came in as JSON is issued as JSON.
  bool issue_as_text = false;
  std::int64_t number = 0;  // of kInteger; of kBoolean 0 or 1
  std::string_view text;    // of kString, unless json is set
  const json::Value* json = nullptr;

  static Datum Boolean(bool b) { return {ValueType::kBoolean, false, false, b ? 1 : 0, {}, {}}; }
  static Datum Integer(std::int64_t n) { return {ValueType::kInteger, false, false, n, {}, {}}; }
  static Datum Text(std::string_view t) {
    return {ValueType::kString, false, false, 0, t, nullptr};
  }
  static Datum From(const json::Value& value);
};

// What an expression yields: the value of c.value is that of every claim c stands for; JSON null
// yields nothing.
using Set = std::vector<Datum>;

using Queries = std::unordered_map<std::string_view, jmespath::Query>;

// Owns what an evaluation makes, and remembers texts and documents made from each other.
class Workspace {
 public:
  // `compiled` are the queries known beforehand. Both must outlive the workspace.
  Workspace(jmespath::Budget& budget, const Queries& compiled)
      : budget_(budget), compiled_(compiled) {}

  jmespath::Budget& budget() { return budget_; }
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  const json::Value* Keep(json::Value value) { return &values_.emplace_back(std::move(value)); }

  // The text of a string datum.
  std::string_view Text(const Datum& datum);
  // The document that a string datum holds; an error when it is no JSON.
  Result<const json::Value*> Document(const Datum& datum);
  // The compiled query of that text.
  Result<const jmespath::Query*> Query(std::string_view text);

  // Equal in type and value.
  bool Same(const Datum& a, const Datum& b);
  // As it leaves the evaluation.
  json::Value Output(const Datum& datum);
  // As a person reads it: strings quoted, long ones cut.
  std::string Show(const Datum& datum);

 private:
  jmespath::Budget& budget_;
  std::deque<std::string> texts_;
  std::deque<json::Value> values_;
  std::unordered_map<const json::Value*, std::string_view> written_;
  std::unordered_map<std::string_view, const json::Value*> parsed_;
  const Queries& compiled_;
  Queries queries_;
};

}  // namespace assay::policy
