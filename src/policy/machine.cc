#include "policy/machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay::policy {
namespace {

using ast::Operator;
using ast::Property;
using ast::Verb;

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool Ordered(Operator op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case Operator::kLess: return a < b;
    case Operator::kLessEqual: return a <= b;
    case Operator::kGreater: return a > b;
    default: return a >= b;
  }
}

}  // namespace

Machine::Machine(const Program& program, std::span<const Claim> claims)
    : program_(program),
      budget_(limits::kPolicySteps),
      work_(budget_, program.queries),
      first_(program.types.size(), kNoClaim),
      last_(program.types.size(), kNoClaim),
      matched_(program.most_conditions) {
  claims_.reserve(claims.size() + 16);
  for (const Claim& claim : claims) {
    Datum value = Datum::From(claim.value);
    value.read_only = claim.read_only;
    Hold({claim.type, claim.issuer, value, kNoClaim});
  }
}

void Machine::Hold(HeldClaim claim) {
  const auto index = static_cast<ClaimIndex>(claims_.size());
  const auto it = program_.types.find(claim.type);
  if (it != program_.types.end()) {
    ClaimIndex& last = last_[it->second];
    (last == kNoClaim ? first_[it->second] : claims_[last].next_of_type) = index;
    last = index;
  }
  claims_.push_back(claim);
}

Result<void> Machine::Spend(std::size_t steps) {
  if (budget_.Spend(steps)) return {};
  return Refuse(fmt::format("the evaluation takes more than {} steps", limits::kPolicySteps));
}

Result<bool> Machine::Holds(const CompiledRule& rule) {
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) matched_[i].clear();
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    TRY_VOID(Match(rule.conditions[i], matched_[i]));
    if (matched_[i].empty() != rule.conditions[i].negated) return false;
  }
  return true;
}

Result<void> Machine::Match(const CompiledCondition& condition, std::vector<ClaimIndex>& out) {
  std::vector<Set> wanted;
  std::size_t cost = 1 + condition.tests.size();  // of looking at one claim
  if (!condition.literal) {
    for (const Test& test : condition.tests) {
      wanted.push_back(TRY(Values(test.operand)));
      cost += wanted.back().size();
    }
  }
  const bool all = !condition.source->identifier.empty();
  ClaimIndex index = condition.type ? first_[*condition.type] : 0;
  const auto end = condition.type ? kNoClaim : static_cast<ClaimIndex>(claims_.size());
  while (index != end) {
    TRY_VOID(Spend(cost));
    if (Fits(condition, claims_[index], wanted)) {
      out.push_back(index);
      if (!all) break;
    }
    index = condition.type ? claims_[index].next_of_type : index + 1;
  }
  return {};
}

bool Machine::Fits(const CompiledCondition& condition, const HeldClaim& claim,
                   std::span<const Set> wanted) {
  static const Set kLiteral;
  for (std::size_t i = 0; i < condition.tests.size(); ++i) {
    if (!Passes(condition.tests[i], claim, wanted.empty() ? kLiteral : wanted[i])) return false;
  }
  return true;
}

// == : equal to one of the wanted values; != : to none; an order: to every one, and there is one.
// Values of different types are not equal and have no order (docs/policy.md, decisions 12 and 13).
bool Machine::Passes(const Test& test, const HeldClaim& claim, const Set& wanted) {
  const Datum value = PropertyOf(claim, test.property);
  const bool literal = test.operand.kind == ast::Expression::Kind::kLiteral;
  const std::span<const Datum> set =
      literal ? std::span(&test.operand.literal, 1) : std::span(wanted);
  const auto same = [&](const Datum& one) { return work_.Same(value, one); };
  if (test.op == Operator::kEqual) return std::any_of(set.begin(), set.end(), same);
  if (test.op == Operator::kNotEqual) return std::none_of(set.begin(), set.end(), same);
  return !set.empty() && value.type == ValueType::kInteger &&
         std::all_of(set.begin(), set.end(), [&](const Datum& one) {
           return one.type == ValueType::kInteger && Ordered(test.op, value.number, one.number);
         });
}

Datum Machine::PropertyOf(const HeldClaim& claim, Property property) const {
  switch (property) {
    case Property::kType: return Datum::Text(claim.type);
    case Property::kValueType: return Datum::Text(Name(claim.value.type));
    case Property::kIssuer: return Datum::Text(claim.issuer);
    default: return claim.value;
  }
}

Result<Set> Machine::Values(const Operand& operand) {
  switch (operand.kind) {
    case ast::Expression::Kind::kLiteral: return Set{operand.literal};
    case ast::Expression::Kind::kReference: {
      const std::vector<ClaimIndex>& named = matched_[operand.slot];
      TRY_VOID(Spend(named.size()));
      Set out;
      out.reserve(named.size());
      for (const ClaimIndex index : named) {
        out.push_back(PropertyOf(claims_[index], operand.property));
      }
      return out;
    }
    case ast::Expression::Kind::kCall: break;
  }
  return Call(operand);
}

// Recursion is bounded by the parser's limits::kPolicyNesting.
Result<Set> Machine::Call(const Operand& operand) {
  std::vector<Set> arguments;
  for (const Operand& one : operand.arguments) arguments.push_back(TRY(Values(one)));
  TRY_VOID(Spend(1));
  auto result = operand.function->run(work_, arguments);
  if (result) return result;
  return PolicyError(program_.text, operand.source->place, result.error().message, {},
                     ErrorCode::kInvalidArgument);
}

Result<std::string_view> Machine::TypeFor(const CompiledRule& rule) {
  const Set types = TRY(Values(rule.type));
  if (types.size() != 1 || types[0].type != ValueType::kString) {
    return Refuse("the type of a claim must be one string");
  }
  return work_.Text(types[0]);
}

Result<void> Machine::Act(const CompiledRule& rule, ast::Section section) {
  if (rule.whole) {
    // Every claim the identifier stands for, each under its own type.
    for (const ClaimIndex index : matched_[*rule.whole]) {
      const HeldClaim claim = claims_[index];
      TRY_VOID(Emit(rule, section, claim.type, {claim.value}));
    }
    return {};
  }
  const Set values = TRY(Values(rule.value));
  return Emit(rule, section, TRY(TypeFor(rule)), values);
}

Result<void> Machine::Emit(const CompiledRule& rule, ast::Section section, std::string_view type,
                           const Set& values) {
  TRY_VOID(Spend(values.size()));
  const bool leaves = rule.verb == Verb::kIssue && section == ast::Section::kIssuance;
  for (const Datum& value : values) {
    if (rule.value_type && value.type != *rule.value_type) {
      return Refuse(fmt::format("{} is of type {}, not {} as valueType says", type,
                                Name(value.type), Name(*rule.value_type)));
    }
    if (leaves && value.read_only) {
      return Refuse(fmt::format("{} comes from a read-only claim, which cannot be issued", type));
    }
    if (rule.verb == Verb::kIssueProperty) {
      TRY_VOID(SetProperty(properties_, type, value, work_));
    }
  }
  if (leaves) TRY_VOID(Issue(type, values));
  if (claims_.size() + values.size() > limits::kPolicyClaims) {
    return Refuse(fmt::format("more than {} claims", limits::kPolicyClaims));
  }
  for (const Datum& value : values) Hold({type, kAttestationPolicy, value, kNoClaim});
  return {};
}

// What an earlier rule has issued already is not issued twice; one rule may issue equal values
// (docs/policy.md, decision 15).
Result<void> Machine::Issue(std::string_view type, const Set& values) {
  if (values.empty()) return {};
  const auto [it, is_new] = issued_index_.try_emplace(type, issued_.size());
  if (is_new) issued_.push_back({type, {}});
  std::vector<Datum>& held = issued_[it->second].values;
  const std::size_t before = held.size();
  TRY_VOID(Spend(before * values.size()));
  for (const Datum& value : values) {
    const auto begin = held.begin();
    const bool known = std::any_of(begin, begin + static_cast<std::ptrdiff_t>(before),
                                   [&](const Datum& one) { return work_.Same(one, value); });
    if (!known) held.push_back(value);
  }
  return {};
}

}  // namespace assay::policy
