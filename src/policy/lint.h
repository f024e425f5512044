// What is valid in a policy and still, most likely, not what its author meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/claim_table.h"
#include "policy/policy.h"

namespace assay::policy {

enum class Severity {
  kNote,     // good to know
  kWarning,  // probably a mistake
  kError,    // does not do what it says, or Azure would refuse it
};

std::string_view Name(Severity severity);  // "warning"

struct Finding {
  Severity severity = Severity::kWarning;
  std::string_view id;  // stable, "unknown-claim": a literal
  Place place;
  std::string message;
};

// In order of their places. Without a type, claims are not held to a table. Point() of source.h
// shows a finding in its line.
std::vector<Finding> Lint(const Policy& policy, std::optional<AttestationType> type);

}  // namespace assay::policy
