#include <fmt/format.h>

#include "policy/explain.h"
#include "policy/machine.h"
#include "policy/policy.h"

namespace assay::policy {
namespace {

using ast::Verb;

// An error of a rule, with the place of the rule unless it names one itself.
Error Located(const Program& program, const CompiledRule& rule, Error error) {
  if (error.message.starts_with("policy:")) return error;
  error.message = Point(program.text, rule.source->action_place, error.message);
  return error;
}

class Run {
 public:
  Run(const Program& program, std::span<const Claim> claims)
      : program_(program), machine_(program, claims) {}

  Evaluation Finish() {
    Decide();
    Evaluation out;
    out.permitted = permitted_;
    out.properties = std::move(machine_.properties());
    out.explanation = std::move(explanation_);
    if (permitted_) out.issued = Issued();
    return out;
  }

  // configurationrules only.
  Result<Properties> Configure() {
    if (!RunSection(ast::Section::kConfiguration)) return tl::unexpected(*explanation_.error);
    return std::move(machine_.properties());
  }

 private:
  void Decide() {
    if (!RunSection(ast::Section::kConfiguration) || !Authorized()) return;
    permitted_ = RunSection(ast::Section::kIssuance);
  }

  // False when a rule could not be evaluated; the explanation then says why.
  bool RunSection(ast::Section section) {
    const auto& rules = program_.sections[static_cast<std::size_t>(section)];
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!Step(section, i)) return false;
    }
    return true;
  }

  // One rule; false after an error, or in authorizationrules after a deny().
  bool Step(ast::Section section, std::size_t index) {
    const CompiledRule& rule = program_.sections[static_cast<std::size_t>(section)][index];
    const auto holds = machine_.Holds(rule);
    if (!holds) return Failed(section, index, holds.error());
    if (!*holds) return true;
    if (rule.verb == Verb::kPermit || rule.verb == Verb::kDeny) return Verdict(rule, index);
    const auto acted = machine_.Act(rule, section);
    return acted ? true : Failed(section, index, acted.error());
  }

  // Every deny() is looked at: one that fires overrules any permit() (docs/policy.md, decision 2).
  bool Verdict(const CompiledRule& rule, std::size_t index) {
    const bool denies = rule.verb == Verb::kDeny;
    if (!denies && permitting_) return true;
    permitting_ = !denies;
    explanation_.rule = SiteOf(program_, ast::Section::kAuthorization, index);
    explanation_.claims = ClaimsSeen(machine_, rule);
    explanation_.summary = fmt::format("{} by the rule on line {}", denies ? "denied" : "permitted",
                                       rule.source->place.line);
    if (denies) explanation_.nearest = Escape(program_, machine_, index);
    return !denies;
  }

  bool Authorized() {
    if (!RunSection(ast::Section::kAuthorization)) return false;
    if (permitting_) return true;
    explanation_.nearest = Nearest(program_, machine_);
    explanation_.summary = explanation_.nearest
                               ? "denied: no permit() of the authorizationrules fired"
                               : "denied: the policy has no permit()";
    return false;
  }

  bool Failed(ast::Section section, std::size_t index, Error error) {
    const CompiledRule& rule = program_.sections[static_cast<std::size_t>(section)][index];
    explanation_ = {};
    explanation_.error = Located(program_, rule, std::move(error));
    explanation_.rule = SiteOf(program_, section, index);
    explanation_.summary =
        fmt::format("denied: the rule on line {} could not be evaluated", rule.source->place.line);
    permitting_ = false;
    return false;
  }

  json::Object Issued() {
    json::Object out;
    for (const IssuedClaim& claim : machine_.issued()) {
      if (claim.values.size() == 1) {
        out.emplace_back(claim.type, machine_.work().Output(claim.values[0]));
        continue;
      }
      json::Array values;
      for (const Datum& value : claim.values) values.push_back(machine_.work().Output(value));
      out.emplace_back(claim.type, json::Value(std::move(values)));
    }
    return out;
  }

  const Program& program_;
  Machine machine_;
  bool permitting_ = false;
  bool permitted_ = false;
  Explanation explanation_;
};

}  // namespace

Evaluation Evaluate(const Policy& policy, std::span<const Claim> claims) {
  return Run(policy.program(), claims).Finish();
}

Result<Properties> Configuration(const Policy& policy) {
  return Run(policy.program(), {}).Configure();
}

}  // namespace assay::policy
