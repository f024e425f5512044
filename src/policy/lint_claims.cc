// Conditions that no claim can satisfy.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "policy/lint_rules.h"

namespace assay::policy::lint {
namespace {

using ast::Operator;
using ast::Property;
using ast::Section;

std::string_view TypeOf(const ast::Literal& literal) {
  constexpr std::string_view kNames[] = {"Boolean", "Integer", "String"};
  return kNames[literal.index()];
}

class Claims {
 public:
  explicit Claims(const Context& context) : context_(context) {}

  // Rules run in order, so what a rule adds is known only to those behind it.
  void Run() {
    for (std::size_t i = 0; i < ast::kSections; ++i) {
      for (const ast::Rule& rule : context_.policy.rules(static_cast<Section>(i))) {
        for (const ast::Condition& condition : rule.conditions) OneCondition(condition);
        ReadOnly(rule, static_cast<Section>(i));
        Remember(rule);
      }
    }
  }

 private:
  void Remember(const ast::Rule& rule) {
    if (rule.verb == ast::Verb::kPermit || rule.verb == ast::Verb::kDeny) return;
    if (const std::string* type = AssignedText(rule, Property::kType)) {
      added_.insert(*type);
    } else if (std::any_of(rule.assignments.begin(), rule.assignments.end(),
                           [](const auto& one) { return one.property == Property::kType; })) {
      adds_anything_ = true;  // the type is computed
    }
  }

  void OneCondition(const ast::Condition& condition) {
    Contradictions(condition);
    Issuer(condition);
    const std::string* type = WantedText(condition, Property::kType);
    if (type != nullptr && context_.type) KnownOrAdded(condition, *type);
  }

  void Never(const ast::Condition& condition, std::string_view why) const {
    context_.Add(
        Severity::kError, condition.negated ? "always-holds" : "never-holds", condition.place,
        fmt::format("this condition {} holds: {}", condition.negated ? "always" : "never", why));
  }

  void Issuer(const ast::Condition& condition) const {
    const std::string* issuer = WantedText(condition, Property::kIssuer);
    if (issuer == nullptr || *issuer == kAttestationService || *issuer == kAttestationPolicy ||
        *issuer == kCustomClaim) {
      return;
    }
    Never(condition, fmt::format("there is no issuer \"{}\"; the issuers are {}, {} and {}",
                                 *issuer, kAttestationService, kAttestationPolicy, kCustomClaim));
  }

  void KnownOrAdded(const ast::Condition& condition, const std::string& type) const {
    const std::string* issuer = WantedText(condition, Property::kIssuer);
    if (issuer != nullptr && *issuer == kCustomClaim) return;
    const bool of_service = issuer == nullptr || *issuer == kAttestationService;
    const bool of_policy = issuer == nullptr || *issuer == kAttestationPolicy;
    if (!of_service && !of_policy) return;  // an unknown issuer, which Issuer() reports
    if (of_policy && (adds_anything_ || added_.contains(type))) return;
    const KnownClaim* known = of_service ? FindClaim(*context_.type, type) : nullptr;
    if (known != nullptr) {
      OfItsType(condition, *known);
      return;
    }
    context_.Add(
        Severity::kWarning, "unknown-claim", condition.place,
        of_service ? fmt::format("evidence of type {} never has a claim \"{}\", and no rule before "
                                 "adds it",
                                 Name(*context_.type), type)
                   : fmt::format("no rule before adds a claim \"{}\"", type));
  }

  void OfItsType(const ast::Condition& condition, const KnownClaim& known) const {
    if (!known.use_instead.empty()) {
      context_.Add(Severity::kNote, "deprecated-claim", condition.place,
                   fmt::format("{} is deprecated; use {}", known.name, known.use_instead));
    }
    for (const ast::Item& item : condition.items) {
      if (item.property != Property::kValue ||
          item.operand.kind != ast::Expression::Kind::kLiteral ||
          TypeOf(item.operand.literal) == Name(known.type)) {
        continue;
      }
      context_.Add(
          Severity::kError, "claim-type", item.place,
          fmt::format("{} is of type {} and never equals a value of type {}{}", known.name,
                      Name(known.type), TypeOf(item.operand.literal),
                      item.op == Operator::kNotEqual ? ", so that this always holds" : ""));
    }
  }

  // Items on one property that exclude each other.
  void Contradictions(const ast::Condition& condition) const {
    for (const Property property :
         {Property::kType, Property::kValue, Property::kValueType, Property::kIssuer}) {
      const ast::Literal* wanted = Wanted(condition, property);
      if (wanted == nullptr) continue;
      for (const ast::Item& item : condition.items) {
        if (item.property != property || item.operand.kind != ast::Expression::Kind::kLiteral) {
          continue;
        }
        const bool equal = item.operand.literal == *wanted;
        const bool excluded =
            (item.op == Operator::kEqual && !equal) || (item.op == Operator::kNotEqual && equal);
        if (!excluded) continue;
        Never(condition, fmt::format("{} and {} == {} exclude each other", ast::Write(item),
                                     ast::Name(property), ast::Write(*wanted)));
        return;
      }
    }
    Range(condition);
  }

  void Range(const ast::Condition& condition) const {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    bool empty = false;
    for (const ast::Item& item : condition.items) {
      const auto* bound = std::get_if<std::int64_t>(&item.operand.literal);
      if (item.property != Property::kValue || bound == nullptr ||
          item.operand.kind != ast::Expression::Kind::kLiteral) {
        continue;
      }
      const bool low = item.op == Operator::kGreater || item.op == Operator::kGreaterEqual;
      const bool high = item.op == Operator::kLess || item.op == Operator::kLessEqual;
      empty = empty || (item.op == Operator::kGreater && *bound == INT64_MAX) ||
              (item.op == Operator::kLess && *bound == INT64_MIN);
      if (empty) break;
      const std::int64_t inner =
          *bound + (item.op == Operator::kGreater ? 1 : (item.op == Operator::kLess ? -1 : 0));
      if (low || item.op == Operator::kEqual) least = std::max(least, inner);
      if (high || item.op == Operator::kEqual) most = std::min(most, inner);
    }
    if (empty || least > most) Never(condition, "no integer lies between its bounds");
  }

  // pcrs cannot be issued (policy-version-1-2.md).
  void ReadOnly(const ast::Rule& rule, Section section) const {
    if (rule.verb != ast::Verb::kIssue || section != Section::kIssuance) return;
    for (const ast::Assignment& one : rule.assignments) {
      if (one.value.kind != ast::Expression::Kind::kReference) continue;
      if (one.property != Property::kClaim && one.value.property != Property::kValue) continue;
      for (const ast::Condition& condition : rule.conditions) {
        const std::string* type = WantedText(condition, Property::kType);
        if (condition.identifier != one.value.name || type == nullptr || *type != "pcrs") continue;
        context_.Add(Severity::kError, "read-only", one.place,
                     "pcrs is read-only and cannot be issued; issue a comparison with it");
      }
    }
  }

  const Context& context_;
  std::set<std::string> added_;
  bool adds_anything_ = false;
};

}  // namespace

void CheckClaims(const Context& context) { Claims(context).Run(); }

}  // namespace assay::policy::lint
