// A policy made ready to run: identifiers are slots, claim types are small numbers, literals are
// values, queries are compiled. It points into the tree and text that it owns.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/ast.h"
#include "policy/datum.h"
#include "policy/functions.h"

namespace assay::policy {

using TypeId = std::uint32_t;
// A claim type that no condition of the policy names.
inline constexpr TypeId kOtherType = std::numeric_limits<TypeId>::max();

// The slot of a condition is its position in the rule.
using Slot = std::uint32_t;

struct Operand {
  ast::Expression::Kind kind = ast::Expression::Kind::kLiteral;
  Datum literal;
  Slot slot = 0;  // of references
  ast::Property property = ast::Property::kValue;
  const Function* function = nullptr;
  std::vector<Operand> arguments;
  const ast::Expression* source = nullptr;
};

struct Test {
  ast::Property property = ast::Property::kValue;
  ast::Operator op = ast::Operator::kEqual;
  Operand operand;
  const ast::Item* source = nullptr;
};

struct CompiledCondition {
  bool negated = false;
  // The claims of this type are looked at only: the first `type == "literal"`, taken out of
  // `tests`.
  std::optional<TypeId> type;
  std::vector<Test> tests;
  bool literal = true;  // every operand is one
  const ast::Condition* source = nullptr;
};

struct CompiledRule {
  std::vector<CompiledCondition> conditions;
  ast::Verb verb = ast::Verb::kPermit;
  std::optional<Slot> whole;  // claim = identifier
  Operand type, value;
  std::optional<ValueType> value_type;
  const ast::Rule* source = nullptr;
};

struct Program {
  std::string text;
  ast::Policy tree;
  std::vector<CompiledRule> sections[ast::kSections];
  std::unordered_map<std::string_view, TypeId> types;
  Queries queries;                  // those that stand in the policy
  std::size_t most_conditions = 0;  // of any rule
};

// `program` holds text and a checked tree; it must not move afterwards.
void CompileInto(Program& program);

}  // namespace assay::policy
