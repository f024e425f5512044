#include "policy/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay::policy {
namespace {

// The type that the condition asks for, for a person: "x-ms-sgx-svn", or "any claim".
std::string TypeWanted(const ast::Condition& condition) {
  for (const ast::Item& item : condition.items) {
    if (item.property == ast::Property::kType &&
        item.operand.kind == ast::Expression::Kind::kLiteral) {
      return std::get<std::string>(item.operand.literal);
    }
  }
  return "any claim";
}

// "value == false"; where the operand is no literal, with what it came to.
std::string Wanted(Machine& machine, const Test& test, const Set& values) {
  std::string out = ast::Write(*test.source);
  if (test.operand.kind == ast::Expression::Kind::kLiteral) return out;
  if (values.empty()) return out + " (which is nothing)";
  return fmt::format("{} (which is {}{})", out, machine.work().Show(values[0]),
                     values.size() > 1 ? " and others" : "");
}

// The claim that comes nearest to a condition.
struct Closest {
  ClaimIndex claim = kNoClaim;  // none: no claim is of the condition's type
  std::size_t misses = 0;       // tests that it fails
};

std::vector<Set> WantedValues(Machine& machine, const CompiledCondition& condition) {
  std::vector<Set> out;
  for (const Test& test : condition.tests) {
    out.push_back(machine.Values(test.operand).value_or(Set()));
  }
  return out;
}

Closest FindClosest(Machine& machine, const CompiledCondition& condition,
                    const std::vector<Set>& wanted) {
  Closest best{kNoClaim, condition.source->items.size()};
  ClaimIndex index = condition.type ? machine.FirstOf(*condition.type) : 0;
  const auto end = condition.type ? kNoClaim : static_cast<ClaimIndex>(machine.claim_count());
  while (index != end && machine.work().budget().Spend(1 + wanted.size())) {
    const HeldClaim& claim = machine.claim(index);
    std::size_t misses = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!machine.Passes(condition.tests[i], claim, wanted[i])) ++misses;
    }
    if (best.claim == kNoClaim || misses < best.misses) best = {index, misses};
    index = condition.type ? claim.next_of_type : index + 1;
  }
  return best;
}

// How many things the condition lacks.
std::size_t CountMisses(Machine& machine, const CompiledCondition& condition) {
  const Closest closest = FindClosest(machine, condition, WantedValues(machine, condition));
  if (!condition.negated) return closest.misses;
  return closest.claim != kNoClaim && closest.misses == 0 ? 1 : 0;
}

Miss NoSuchClaim(Machine& machine, const CompiledCondition& condition,
                 const std::vector<Set>& wanted) {
  std::string items;
  for (std::size_t i = 0; i < condition.tests.size(); ++i) {
    items += (items.empty() ? "" : ", ") + Wanted(machine, condition.tests[i], wanted[i]);
  }
  return {condition.source->place,
          fmt::format("{}{}{}", TypeWanted(*condition.source), items.empty() ? "" : ": ", items),
          "no such claim"};
}

void DescribeMisses(Machine& machine, const CompiledCondition& condition, std::vector<Miss>& out) {
  const std::vector<Set> wanted = WantedValues(machine, condition);
  const Closest closest = FindClosest(machine, condition, wanted);
  if (condition.negated) {
    if (closest.claim == kNoClaim || closest.misses > 0) return;
    out.push_back({condition.source->place, ast::Write(*condition.source),
                   machine.work().Show(machine.claim(closest.claim).value)});
    return;
  }
  if (closest.claim == kNoClaim) {
    out.push_back(NoSuchClaim(machine, condition, wanted));
    return;
  }
  const HeldClaim& claim = machine.claim(closest.claim);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Test& test = condition.tests[i];
    if (machine.Passes(test, claim, wanted[i])) continue;
    out.push_back(
        {test.source->place,
         fmt::format("{}: {}", TypeWanted(*condition.source), Wanted(machine, test, wanted[i])),
         machine.work().Show(machine.PropertyOf(claim, test.property))});
  }
}

}  // namespace

RuleSite SiteOf(const Program& program, ast::Section section, std::size_t index) {
  const ast::Rule& rule = program.tree.rules(section)[index];
  return {section, index, rule.place, ast::Write(rule)};
}

std::vector<SeenClaim> ClaimsSeen(Machine& machine, const CompiledRule& rule) {
  std::vector<SeenClaim> out;
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    for (const ClaimIndex index : machine.matched()[i]) {
      if (out.size() >= limits::kPolicyExplainedClaims) return out;
      const HeldClaim& claim = machine.claim(index);
      out.push_back(
          {std::string(claim.type), machine.work().Output(claim.value), std::string(claim.issuer)});
    }
  }
  return out;
}

std::optional<NearMiss> Nearest(const Program& program, Machine& machine) {
  const auto section = ast::Section::kAuthorization;
  const auto& rules = program.sections[static_cast<std::size_t>(section)];
  std::optional<std::size_t> best;
  std::size_t fewest = 0;
  std::size_t looked_at = 0;
  for (std::size_t i = 0; i < rules.size() && looked_at < limits::kPolicyExplainedRules; ++i) {
    if (rules[i].verb != ast::Verb::kPermit) continue;
    ++looked_at;
    (void)machine.Holds(rules[i]);  // fills the slots that its operands refer to
    std::size_t misses = 0;
    for (const CompiledCondition& one : rules[i].conditions) misses += CountMisses(machine, one);
    if (best && fewest <= misses) continue;
    best = i;
    fewest = misses;
  }
  if (!best) return std::nullopt;
  NearMiss out{SiteOf(program, section, *best), {}};
  (void)machine.Holds(rules[*best]);
  for (const CompiledCondition& one : rules[*best].conditions) {
    DescribeMisses(machine, one, out.misses);
  }
  return out;
}

NearMiss Escape(const Program& program, Machine& machine, std::size_t index) {
  const auto section = ast::Section::kAuthorization;
  const CompiledRule& rule = program.sections[static_cast<std::size_t>(section)][index];
  NearMiss out{SiteOf(program, section, index), {}};
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    const auto& matched = machine.matched()[i];
    const std::string found = matched.empty()
                                  ? "no claim that fits"
                                  : machine.work().Show(machine.claim(matched[0]).value);
    out.misses.push_back({rule.conditions[i].source->place,
                          fmt::format("{} not to hold", ast::Write(*rule.conditions[i].source)),
                          found});
  }
  return out;
}

}  // namespace assay::policy
