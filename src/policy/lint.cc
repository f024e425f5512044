#include "policy/lint.h"

#include <algorithm>

#include "policy/lint_rules.h"

namespace assay::policy {
namespace lint {

const ast::Literal* Wanted(const ast::Condition& condition, ast::Property property) {
  for (const ast::Item& item : condition.items) {
    if (item.property == property && item.op == ast::Operator::kEqual &&
        item.operand.kind == ast::Expression::Kind::kLiteral) {
      return &item.operand.literal;
    }
  }
  return nullptr;
}

const std::string* WantedText(const ast::Condition& condition, ast::Property property) {
  const ast::Literal* literal = Wanted(condition, property);
  return literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
}

const ast::Literal* Assigned(const ast::Rule& rule, ast::Property property) {
  for (const ast::Assignment& one : rule.assignments) {
    if (one.property == property && one.value.kind == ast::Expression::Kind::kLiteral) {
      return &one.value.literal;
    }
  }
  return nullptr;
}

const std::string* AssignedText(const ast::Rule& rule, ast::Property property) {
  const ast::Literal* literal = Assigned(rule, property);
  return literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
}

bool Implies(const ast::Rule& more, const ast::Rule& fewer) {
  return std::all_of(
      fewer.conditions.begin(), fewer.conditions.end(), [&](const ast::Condition& wanted) {
        // Conditions with references mean something only in their own rule.
        ast::Condition plain = wanted;
        plain.identifier.clear();
        for (const ast::Item& item : plain.items) {
          if (item.operand.kind != ast::Expression::Kind::kLiteral) return false;
        }
        return std::any_of(more.conditions.begin(), more.conditions.end(), [&](ast::Condition one) {
          one.identifier.clear();
          return ast::Write(one) == ast::Write(plain);
        });
      });
}

}  // namespace lint

std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kNote: return "note";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "error";
}

std::vector<Finding> Lint(const Policy& policy, std::optional<AttestationType> type) {
  std::vector<Finding> out;
  const lint::Context context{policy.ast(), type, out};
  lint::CheckLanguage(context);
  lint::CheckClaims(context);
  lint::CheckReachability(context);
  std::stable_sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return a.place.offset < b.place.offset;
  });
  return out;
}

}  // namespace assay::policy
