#include <algorithm>

#include "policy/check.h"
#include "policy/parser.h"
#include "policy/policy.h"
#include "policy/program.h"

namespace assay::policy {
namespace {

using ast::Expression;
using ast::Property;

class Compiler {
 public:
  explicit Compiler(Program& program) : program_(program) {}

  void Run() {
    for (std::size_t i = 0; i < ast::kSections; ++i) {
      const auto& rules = program_.tree.rules(static_cast<ast::Section>(i));
      program_.sections[i].reserve(rules.size());
      for (const ast::Rule& rule : rules) program_.sections[i].push_back(Rule(rule));
    }
  }

 private:
  CompiledRule Rule(const ast::Rule& rule) {
    rule_ = &rule;
    CompiledRule out;
    out.source = &rule;
    out.verb = rule.verb;
    for (const ast::Condition& one : rule.conditions) out.conditions.push_back(Condition(one));
    program_.most_conditions = std::max(program_.most_conditions, rule.conditions.size());
    for (const ast::Assignment& one : rule.assignments) Assign(one, out);
    return out;
  }

  void Assign(const ast::Assignment& one, CompiledRule& out) {
    switch (one.property) {
      case Property::kClaim: out.whole = SlotOf(one.value.name); break;
      case Property::kType: out.type = Compile(one.value); break;
      case Property::kValue: out.value = Compile(one.value); break;
      case Property::kValueType: {
        const std::string& name = std::get<std::string>(one.value.literal);
        out.value_type = name == "String"    ? ValueType::kString
                         : name == "Integer" ? ValueType::kInteger
                                             : ValueType::kBoolean;
        break;
      }
      case Property::kIssuer: break;  // refused by the check
    }
  }

  CompiledCondition Condition(const ast::Condition& condition) {
    CompiledCondition out;
    out.negated = condition.negated;
    out.source = &condition;
    for (const ast::Item& item : condition.items) {
      const bool is_type = item.property == Property::kType && item.op == ast::Operator::kEqual &&
                           item.operand.kind == Expression::Kind::kLiteral;
      if (is_type && !out.type) {
        out.type = Intern(std::get<std::string>(item.operand.literal));
      } else {
        out.literal = out.literal && item.operand.kind == Expression::Kind::kLiteral;
        out.tests.push_back({item.property, item.op, Compile(item.operand), &item});
      }
    }
    return out;
  }

  TypeId Intern(const std::string& type) {
    const auto next = static_cast<TypeId>(program_.types.size());
    return program_.types.try_emplace(type, next).first->second;
  }

  Slot SlotOf(const std::string& identifier) const {
    const auto it = std::find_if(rule_->conditions.begin(), rule_->conditions.end(),
                                 [&](const auto& one) { return one.identifier == identifier; });
    return static_cast<Slot>(it - rule_->conditions.begin());
  }

  // Recursion is bounded by the parser's limits::kPolicyNesting.
  Operand Compile(const Expression& expression) {
    Operand out;
    out.kind = expression.kind;
    out.source = &expression;
    switch (expression.kind) {
      case Expression::Kind::kLiteral: out.literal = Literal(expression.literal); break;
      case Expression::Kind::kReference:
        out.slot = SlotOf(expression.name);
        out.property = expression.property;
        break;
      case Expression::Kind::kCall:
        out.function = FindFunction(expression.name);
        for (const Expression& one : expression.arguments) out.arguments.push_back(Compile(one));
        if (expression.name == "JmesPath") Keep(expression.arguments[1]);
        break;
    }
    return out;
  }

  // The check has compiled it once without an error.
  void Keep(const Expression& query) {
    if (query.kind != Expression::Kind::kLiteral) return;
    const std::string& text = std::get<std::string>(query.literal);
    if (auto compiled = jmespath::Query::Compile(text)) program_.queries.emplace(text, *compiled);
  }

  static Datum Literal(const ast::Literal& literal) {
    if (const bool* b = std::get_if<bool>(&literal)) return Datum::Boolean(*b);
    if (const auto* n = std::get_if<std::int64_t>(&literal)) return Datum::Integer(*n);
    return Datum::Text(std::get<std::string>(literal));
  }

  Program& program_;
  const ast::Rule* rule_ = nullptr;
};

}  // namespace

void CompileInto(Program& program) { Compiler(program).Run(); }

Result<Policy> Policy::Compile(std::string_view text) {
  auto program = std::make_shared<Program>();
  program->text = text;
  program->tree = TRY(ParsePolicy(program->text));
  TRY_VOID(CheckPolicy(program->text, program->tree));
  CompileInto(*program);
  return Policy(std::move(program));
}

const std::string& Policy::text() const { return program_->text; }
const ast::Policy& Policy::ast() const { return program_->tree; }

}  // namespace assay::policy
