// Rules that change nothing, because of other rules.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "policy/lint_rules.h"

namespace assay::policy::lint {
namespace {

using ast::Rule;
using ast::Section;
using ast::Verb;

class Reach {
 public:
  explicit Reach(const Context& context) : context_(context) {}

  void Run() {
    Authorization(context_.policy.rules(Section::kAuthorization));
    for (const Section section :
         {Section::kConfiguration, Section::kAuthorization, Section::kIssuance}) {
      for (const Rule& rule : context_.policy.rules(section)) Contradiction(rule);
    }
    Issuance(context_.policy.rules(Section::kIssuance));
  }

 private:
  void Add(Severity severity, std::string_view id, const Rule& rule, std::string message) const {
    context_.Add(severity, id, rule.place, std::move(message));
  }

  void Authorization(const std::vector<Rule>& rules) const {
    const Rule* deny_all = nullptr;
    bool permits = false;
    for (const Rule& rule : rules) {
      permits = permits || rule.verb == Verb::kPermit;
      if (rule.verb == Verb::kDeny && rule.conditions.empty() && deny_all == nullptr) {
        deny_all = &rule;
      }
    }
    if (deny_all != nullptr) {
      Add(Severity::kWarning, "denies-everything", *deny_all,
          "a deny() without conditions: nothing is ever permitted");
    } else if (!permits) {
      context_.Add(Severity::kWarning, "denies-everything", context_.policy.section_places[1],
                   "there is no permit() in authorizationrules: nothing is ever permitted");
    }
    Permits(rules);
  }

  void Permits(const std::vector<Rule>& rules) const {
    const Rule* permit_all = nullptr;
    bool behind_deny_all = false;
    for (const Rule& rule : rules) {
      if (behind_deny_all) {
        Add(Severity::kWarning, "unreachable", rule,
            "unreachable: it stands behind a deny() without conditions");
        continue;
      }
      behind_deny_all = rule.verb == Verb::kDeny && rule.conditions.empty();
      if (rule.verb != Verb::kPermit) continue;
      if (permit_all != nullptr) {
        Add(Severity::kWarning, "redundant-permit", rule,
            fmt::format("the rule on line {} permits already", permit_all->place.line));
      } else {
        Overruled(rule, rules);
      }
      if (rule.conditions.empty()) permit_all = &rule;
    }
  }

  // A permit whose conditions include all those of some deny.
  void Overruled(const Rule& permit, const std::vector<Rule>& rules) const {
    for (const Rule& deny : rules) {
      if (deny.verb != Verb::kDeny || deny.conditions.empty() || !Implies(permit, deny)) continue;
      const bool lasts = &deny > &permit && !HasNegation(deny);
      if (!lasts && AddsBetween(rules, permit, deny)) continue;
      Add(Severity::kError, "overruled-permit", permit,
          fmt::format("never permits: the deny() on line {} fires whenever it does",
                      deny.place.line));
      return;
    }
  }

  static bool HasNegation(const Rule& rule) {
    return std::any_of(rule.conditions.begin(), rule.conditions.end(),
                       [](const ast::Condition& one) { return one.negated; });
  }

  // Whether a rule between the two, both of `rules`, can change which conditions hold.
  static bool AddsBetween(const std::vector<Rule>& rules, const Rule& a, const Rule& b) {
    const Rule* const first = std::min(&a, &b);
    const Rule* const last = std::max(&a, &b);
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& one) {
      return &one > first && &one < last && one.verb != Verb::kPermit && one.verb != Verb::kDeny;
    });
  }

  // [x] && ![x].
  void Contradiction(const Rule& rule) const {
    std::map<std::string, bool> seen;
    for (ast::Condition condition : rule.conditions) {
      const bool negated = condition.negated;
      condition.negated = false;
      condition.identifier.clear();
      const auto [it, is_new] = seen.try_emplace(ast::Write(condition), negated);
      if (is_new || it->second == negated) continue;
      Add(Severity::kError, "never-fires", rule,
          "never fires: a condition and its negation stand in it");
      return;
    }
  }

  void Issuance(const std::vector<Rule>& rules) const {
    std::map<std::string, std::vector<const Rule*>> by_type;
    for (const Rule& rule : rules) {
      if (rule.verb != Verb::kIssue) continue;
      const std::string* type = AssignedText(rule, ast::Property::kType);
      if (type == nullptr) continue;
      auto& earlier = by_type[*type];
      for (const Rule* one : earlier) {
        if (Shadowed(rules, rule, *one, *type)) break;
      }
      // A handful of rules for one claim is usual; more would make this quadratic.
      if (earlier.size() < 64) earlier.push_back(&rule);
    }
  }

  bool Shadowed(const std::vector<Rule>& rules, const Rule& rule, const Rule& earlier,
                const std::string& type) const {
    if (earlier.conditions.empty() && AssignedAnyLiteral(earlier)) {
      for (const ast::Condition& condition : rule.conditions) {
        const std::string* absent = WantedText(condition, ast::Property::kType);
        if (!condition.negated || absent == nullptr || *absent != type) continue;
        if (condition.items.size() > 1) continue;
        Add(Severity::kWarning, "never-fires", rule,
            fmt::format("never fires: the rule on line {} always issues \"{}\"", earlier.place.line,
                        type));
        return true;
      }
    }
    const ast::Literal* value = Assigned(rule, ast::Property::kValue);
    const ast::Literal* before = Assigned(earlier, ast::Property::kValue);
    if (value == nullptr || before == nullptr || *value != *before || !Implies(rule, earlier)) {
      return false;
    }
    if (!earlier.conditions.empty() && AddsBetween(rules, earlier, rule)) return false;
    Add(Severity::kWarning, "shadowed-issue", rule,
        fmt::format("issues nothing new: the rule on line {} has issued the same whenever this "
                    "fires",
                    earlier.place.line));
    return true;
  }

  static bool AssignedAnyLiteral(const Rule& rule) {
    return Assigned(rule, ast::Property::kValue) != nullptr;
  }

  const Context& context_;
};

}  // namespace

void CheckReachability(const Context& context) { Reach(context).Run(); }

}  // namespace assay::policy::lint
