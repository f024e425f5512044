// The checks of lint.h, in three groups. Internal to policy/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/lint.h"

namespace assay::policy::lint {

struct Context {
  const ast::Policy& policy;
  std::optional<AttestationType> type;
  std::vector<Finding>& findings;

  void Add(Severity severity, std::string_view id, const Place& place, std::string message) const {
    findings.push_back({severity, id, place, std::move(message)});
  }
};

// The literal that `property == literal` of the condition asks for; null when there is none.
const ast::Literal* Wanted(const ast::Condition& condition, ast::Property property);
const std::string* WantedText(const ast::Condition& condition, ast::Property property);
// The literal that the action assigns; null when it is none.
const ast::Literal* Assigned(const ast::Rule& rule, ast::Property property);
const std::string* AssignedText(const ast::Rule& rule, ast::Property property);
// Whether every condition of `fewer` stands in `more` too, so that `fewer` holds whenever it does.
bool Implies(const ast::Rule& more, const ast::Rule& fewer);

void CheckLanguage(const Context& context);  // versions, spellings, properties
void CheckClaims(const Context& context);    // claims that cannot be, conditions that cannot hold
void CheckReachability(const Context& context);  // rules without effect

}  // namespace assay::policy::lint
