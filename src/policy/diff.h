// What changed between two policies, by meaning: white space, comments, names of identifiers and
// the order of items in a condition do not count.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace assay::policy {

enum class ChangeKind {
  kAdded,
  kRemoved,
  kChanged,  // same section and action, other conditions or value
  kMoved,    // the same rule at another place among its section's rules
};

struct Change {
  ChangeKind kind = ChangeKind::kAdded;
  std::optional<RuleSite> before, after;
};

struct Diff {
  std::optional<std::string> version;  // "1.0 -> 1.2" when it changed
  std::vector<Change> changes;         // by section, then by place

  bool empty() const { return !version && changes.empty(); }
};

Diff Compare(const Policy& before, const Policy& after);

// The rule in the form that is compared.
std::string Normalised(const ast::Rule& rule);

}  // namespace assay::policy
