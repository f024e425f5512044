#include "policy/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/datum.h"
#include "policy/functions.h"
#include "policy/jmespath/jmespath.h"
#include "policy/properties.h"

namespace assay::policy {
namespace {

using ast::Expression;
using ast::Property;
using ast::Section;
using ast::Verb;

Types TypeOf(const ast::Literal& literal) {
  constexpr Types kTypes[] = {kBooleanType, kIntegerType, kTextType};
  return kTypes[literal.index()];
}

std::string_view TypeName(Types types) {
  switch (types) {
    case kTextType: return "a string";
    case kIntegerType: return "an integer";
    case kBooleanType: return "a boolean";
    default: return "a value";
  }
}

Datum ToDatum(const ast::Literal& literal) {
  if (const bool* b = std::get_if<bool>(&literal)) return Datum::Boolean(*b);
  if (const auto* n = std::get_if<std::int64_t>(&literal)) return Datum::Integer(*n);
  return Datum::Text(std::get<std::string>(literal));
}

// Checks one rule; knows the identifiers of the conditions read so far.
class RuleChecker {
 public:
  RuleChecker(std::string_view text, Section section) : text_(text), section_(section) {}

  Result<void> Run(const ast::Rule& rule) {
    for (const ast::Condition& condition : rule.conditions) TRY_VOID(Condition(condition));
    TRY_VOID(VerbInSection(rule));
    return Action(rule);
  }

 private:
  tl::unexpected<Error> Refuse(const Place& place, std::string_view what,
                               std::string hint = {}) const {
    return PolicyError(text_, place, what, std::move(hint), ErrorCode::kInvalidArgument);
  }

  Result<void> Condition(const ast::Condition& condition) {
    for (const ast::Item& item : condition.items) TRY_VOID(Item(item));
    if (condition.identifier.empty()) return {};
    if (condition.negated) {
      return Refuse(condition.place, "a condition with \"!\" cannot have an identifier",
                    "it holds when no claim fits, so there is none to refer to");
    }
    if (Known(condition.identifier)) {
      return Refuse(condition.place, fmt::format("\"{}\" already names a condition of this rule",
                                                 condition.identifier));
    }
    identifiers_.push_back(condition.identifier);
    return {};
  }

  bool Known(const std::string& identifier) const {
    return std::find(identifiers_.begin(), identifiers_.end(), identifier) != identifiers_.end();
  }

  Result<void> Item(const ast::Item& item) {
    const Types type = TRY(TypeOf(item.operand));
    const bool ordering = item.op != ast::Operator::kEqual && item.op != ast::Operator::kNotEqual;
    if (item.property == Property::kValue) {
      if (!ordering || (type & kIntegerType) != 0) return {};
      return Refuse(item.operand.place,
                    fmt::format("{} orders integers only, not {}", Name(item.op), TypeName(type)));
    }
    if (ordering) {
      return Refuse(item.place,
                    fmt::format("{} can be compared by == and != only", Name(item.property)));
    }
    if ((type & kTextType) == 0) {
      return Refuse(item.operand.place,
                    fmt::format("{} is a string, not {}", Name(item.property), TypeName(type)));
    }
    return item.property == Property::kValueType ? ValueTypeName(item.operand) : Result<void>();
  }

  Result<void> ValueTypeName(const Expression& expression) const {
    if (expression.kind != Expression::Kind::kLiteral) return {};
    const std::string* name = std::get_if<std::string>(&expression.literal);
    if (name != nullptr && (*name == "String" || *name == "Integer" || *name == "Boolean")) {
      return {};
    }
    return Refuse(expression.place, "valueType is \"String\", \"Integer\" or \"Boolean\"");
  }

  // What the expression can be. Recursion is bounded by the parser's limits::kPolicyNesting.
  Result<Types> TypeOf(const Expression& expression) const {
    if (expression.kind == Expression::Kind::kLiteral) {
      return policy::TypeOf(expression.literal);
    }
    if (expression.kind == Expression::Kind::kCall) return Call(expression);
    if (!Known(expression.name)) {
      return Refuse(expression.place,
                    fmt::format("no condition before this place is named \"{}\"", expression.name),
                    fmt::format("name one: {}:[type==\"...\"]", expression.name));
    }
    if (expression.property == Property::kClaim) {
      return Refuse(expression.place,
                    fmt::format("\"{}\" is a claim, not a value", expression.name),
                    fmt::format("write {}.value, or claim={} in an action", expression.name,
                                expression.name));
    }
    return expression.property == Property::kValue ? kAnyType : kTextType;
  }

  Result<Types> Call(const Expression& call) const {
    const Function* function = FindFunction(call.name);
    if (function == nullptr) return UnknownFunction(call);
    if (call.arguments.size() != function->arity) {
      return Refuse(call.place, fmt::format("{} takes {} argument(s), not {}", call.name,
                                            function->arity, call.arguments.size()));
    }
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Types type = TRY(TypeOf(call.arguments[i]));
      if ((type & function->parameters[i]) == 0) {
        return Refuse(call.arguments[i].place,
                      fmt::format("argument {} of {} must be {}, not {}", i + 1, call.name,
                                  TypeName(function->parameters[i]), TypeName(type)));
      }
    }
    if (call.name == "JmesPath") TRY_VOID(QueryLiteral(call.arguments[1]));
    return function->result;
  }

  tl::unexpected<Error> UnknownFunction(const Expression& call) const {
    std::string names;
    for (const Function& one : Functions()) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
    }
    return Refuse(call.place, fmt::format("there is no function {}", call.name), names);
  }

  // A query that stands in the policy is compiled now, so that its faults are found now.
  Result<void> QueryLiteral(const Expression& expression) const {
    if (expression.kind != Expression::Kind::kLiteral) return {};
    const auto query = jmespath::Query::Compile(std::get<std::string>(expression.literal));
    if (query) return {};
    return Refuse(expression.place, query.error().message);
  }

  Result<void> VerbInSection(const ast::Rule& rule) const {
    bool allowed = false;
    switch (rule.verb) {
      case Verb::kPermit:
      case Verb::kDeny: allowed = section_ == Section::kAuthorization; break;
      // issue in authorizationrules: docs/policy.md, decision 6.
      case Verb::kAdd:
      case Verb::kIssue: allowed = section_ != Section::kConfiguration; break;
      case Verb::kIssueProperty: allowed = section_ != Section::kAuthorization; break;
    }
    if (allowed) return {};
    return Refuse(rule.action_place,
                  fmt::format("{} cannot stand in {}", Name(rule.verb), Name(section_)));
  }

  const ast::Assignment* Find(const ast::Rule& rule, Property property) const {
    for (const ast::Assignment& one : rule.assignments) {
      if (one.property == property) return &one;
    }
    return nullptr;
  }

  Result<void> Action(const ast::Rule& rule) {
    if (rule.verb == Verb::kPermit || rule.verb == Verb::kDeny) {
      if (rule.assignments.empty()) return {};
      return Refuse(rule.assignments[0].place, fmt::format("{} takes no claim", Name(rule.verb)));
    }
    for (const ast::Assignment& one : rule.assignments) {
      if (Find(rule, one.property) != &one) {
        return Refuse(one.place, fmt::format("a second {}", Name(one.property)));
      }
    }
    if (const ast::Assignment* whole = Find(rule, Property::kClaim)) return Whole(rule, *whole);
    if (const ast::Assignment* issuer = Find(rule, Property::kIssuer)) {
      return Refuse(issuer->place, "an action cannot set the issuer",
                    "the issuer of what a policy adds is AttestationPolicy");
    }
    const ast::Assignment* type = Find(rule, Property::kType);
    const ast::Assignment* value = Find(rule, Property::kValue);
    if (type == nullptr || value == nullptr) {
      return Refuse(rule.action_place,
                    fmt::format("{} needs a type and a value, or a claim", Name(rule.verb)),
                    "as in issue(type=\"name\", value=1) or issue(claim=c)");
    }
    TRY_VOID(TypeLiteral(*type));
    const Types types = TRY(TypeOf(value->value));
    if (const auto* given = Find(rule, Property::kValueType)) {
      TRY_VOID(GivenType(*given, types));
    }
    return rule.verb == Verb::kIssueProperty ? PropertyLiteral(*type, *value) : Result<void>();
  }

  Result<void> Whole(const ast::Rule& rule, const ast::Assignment& whole) const {
    if (rule.assignments.size() != 1) {
      return Refuse(whole.place, "claim= stands alone", "it brings its own type and value");
    }
    const Expression& claim = whole.value;
    if (claim.kind != Expression::Kind::kReference || claim.property != Property::kClaim) {
      return Refuse(claim.place, "expected the identifier of a condition after claim=");
    }
    if (Known(claim.name)) return {};
    return Refuse(claim.place,
                  fmt::format("no condition of this rule is named \"{}\"", claim.name));
  }

  Result<void> TypeLiteral(const ast::Assignment& type) const {
    if ((TRY(TypeOf(type.value)) & kTextType) == 0) {
      return Refuse(type.value.place, "the type of a claim is a string");
    }
    const std::string* text = std::get_if<std::string>(&type.value.literal);
    if (text != nullptr && text->empty()) return Refuse(type.value.place, "the type is empty");
    return {};
  }

  Result<void> GivenType(const ast::Assignment& given, Types types) const {
    if (given.value.kind != Expression::Kind::kLiteral) {
      return Refuse(given.value.place, "valueType must be a literal");
    }
    TRY_VOID(ValueTypeName(given.value));
    const std::string& name = std::get<std::string>(given.value.literal);
    const Types wanted =
        name == "String" ? kTextType : (name == "Integer" ? kIntegerType : kBooleanType);
    if ((types & wanted) != 0) return {};
    return Refuse(given.value.place, fmt::format("the value is {}", TypeName(types)));
  }

  Result<void> PropertyLiteral(const ast::Assignment& type, const ast::Assignment& value) const {
    if (type.value.kind != Expression::Kind::kLiteral ||
        value.value.kind != Expression::Kind::kLiteral) {
      return {};
    }
    const auto checked =
        CheckProperty(std::get<std::string>(type.value.literal), ToDatum(value.value.literal));
    if (checked) return {};
    return Refuse(value.value.place, checked.error().message);
  }

  std::string_view text_;
  Section section_;
  std::vector<std::string> identifiers_;
};

}  // namespace

Result<void> CheckPolicy(std::string_view text, const ast::Policy& policy) {
  for (std::size_t i = 0; i < ast::kSections; ++i) {
    const auto section = static_cast<Section>(i);
    for (const ast::Rule& rule : policy.rules(section)) {
      TRY_VOID(RuleChecker(text, section).Run(rule));
    }
  }
  return {};
}

}  // namespace assay::policy
