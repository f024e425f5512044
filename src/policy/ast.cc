#include "policy/ast.h"

#include <fmt/format.h>

#include "base/json.h"

namespace assay::policy::ast {
namespace {

template <typename Range, typename Each>
std::string Joined(const Range& range, std::string_view glue, Each each) {
  std::string out;
  for (const auto& one : range) {
    if (!out.empty()) out += glue;
    out += each(one);
  }
  return out;
}

}  // namespace

const std::vector<Rule>& Policy::rules(Section section) const {
  static const std::vector<Rule> kNone;
  const auto& rules = sections[static_cast<std::size_t>(section)];
  return rules ? *rules : kNone;
}

std::string_view Name(Property property) {
  constexpr std::string_view kNames[] = {"type", "value", "valueType", "issuer", "claim"};
  return kNames[static_cast<std::size_t>(property)];
}

std::string_view Name(Operator op) {
  constexpr std::string_view kNames[] = {"==", "!=", "<", "<=", ">", ">="};
  return kNames[static_cast<std::size_t>(op)];
}

std::string_view Name(Verb verb) {
  constexpr std::string_view kNames[] = {"permit", "deny", "add", "issue", "issueproperty"};
  return kNames[static_cast<std::size_t>(verb)];
}

std::string_view Name(Section section) {
  constexpr std::string_view kNames[] = {"configurationrules", "authorizationrules",
                                         "issuancerules"};
  return kNames[static_cast<std::size_t>(section)];
}

std::string Write(const Literal& literal) {
  if (const bool* b = std::get_if<bool>(&literal)) return *b ? "true" : "false";
  if (const std::int64_t* n = std::get_if<std::int64_t>(&literal)) return std::to_string(*n);
  std::string out = "\"";
  for (const char c : std::get<std::string>(literal)) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

std::string Write(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kLiteral: return Write(expression.literal);
    case Expression::Kind::kReference:
      if (expression.property == Property::kClaim) return expression.name;
      return fmt::format("{}.{}", expression.name, Name(expression.property));
    case Expression::Kind::kCall: break;
  }
  const auto each = [](const Expression& argument) { return Write(argument); };
  return fmt::format("{}({})", expression.name, Joined(expression.arguments, ", ", each));
}

std::string Write(const Item& item) {
  return fmt::format("{} {} {}", Name(item.property), Name(item.op), Write(item.operand));
}

std::string Write(const Condition& condition) {
  const auto each = [](const Item& item) { return Write(item); };
  return fmt::format("{}{}{}[{}]", condition.negated ? "!" : "", condition.identifier,
                     condition.identifier.empty() ? "" : ":", Joined(condition.items, ", ", each));
}

std::string Write(const Rule& rule) {
  const std::string conditions =
      Joined(rule.conditions, " && ", [](const Condition& one) { return Write(one); });
  const std::string assignments = Joined(rule.assignments, ", ", [](const Assignment& one) {
    return fmt::format("{} = {}", Name(one.property), Write(one.value));
  });
  return fmt::format("{}{}=> {}({});", conditions, conditions.empty() ? "" : " ", Name(rule.verb),
                     assignments);
}

}  // namespace assay::policy::ast
