// Features that the declared version does not have, spellings that Azure may refuse, properties.
#include <fmt/format.h>

#include "policy/lint_rules.h"
#include "policy/properties.h"

namespace assay::policy::lint {
namespace {

using ast::Expression;
using ast::Section;

class Language {
 public:
  explicit Language(const Context& context) : context_(context) {}

  void Run() {
    const ast::Policy& policy = context_.policy;
    if (policy.minor < 1 && policy.sections[0]) {
      TooOld(policy.section_places[0], "configurationrules", 1);
    }
    for (std::size_t i = 0; i < ast::kSections; ++i) {
      for (const ast::Rule& rule : policy.rules(static_cast<Section>(i))) {
        OneRule(rule, static_cast<Section>(i));
      }
    }
  }

 private:
  void TooOld(const Place& place, std::string_view what, int minor) const {
    context_.Add(Severity::kError, "version-feature", place,
                 fmt::format("{} came with version 1.{}, and this policy declares 1.{}", what,
                             minor, context_.policy.minor));
  }

  void OneRule(const ast::Rule& rule, Section section) const {
    for (const ast::Condition& condition : rule.conditions) {
      if (condition.negated && context_.policy.minor < 2) TooOld(condition.place, "\"!\"", 2);
      for (const ast::Item& item : condition.items) {
        if (item.single_equals) {
          context_.Add(Severity::kNote, "single-equals", item.place,
                       "\"=\" in a condition is read as \"==\"; write \"==\"");
        }
        Calls(item.operand);
      }
    }
    for (const ast::Assignment& one : rule.assignments) Calls(one.value);
    if (rule.verb == ast::Verb::kIssueProperty) OneProperty(rule, section);
    if (rule.verb == ast::Verb::kIssue && section == Section::kAuthorization) {
      context_.Add(Severity::kWarning, "issue-in-authorization", rule.action_place,
                   "issued in authorizationrules, a claim never reaches the token; write add");
    }
  }

  void Calls(const Expression& expression) const {
    if (expression.kind != Expression::Kind::kCall || context_.policy.minor >= 2) return;
    TooOld(expression.place, expression.name, 2);
  }

  void OneProperty(const ast::Rule& rule, Section section) const {
    const std::string* name = AssignedText(rule, ast::Property::kType);
    if (name == nullptr) return;
    const KnownProperty* known = FindProperty(*name);
    if (known == nullptr) {
      context_.Add(Severity::kWarning, "unknown-property", rule.action_place,
                   fmt::format("there is no property \"{}\"", *name));
      return;
    }
    const bool in_configuration = section == Section::kConfiguration;
    if (known->of_configuration != in_configuration) {
      context_.Add(Severity::kWarning, "property-section", rule.action_place,
                   fmt::format("{} belongs into {}", *name,
                               ast::Name(known->of_configuration ? Section::kConfiguration
                                                                 : Section::kIssuance)));
    }
  }

  const Context& context_;
};

}  // namespace

void CheckLanguage(const Context& context) { Language(context).Run(); }

}  // namespace assay::policy::lint
