// What a policy must be besides well-formed: identifiers defined, actions in sections that allow
// them, operators and functions on types that have them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/ast.h"

namespace assay::policy {

Result<void> CheckPolicy(std::string_view text, const ast::Policy& policy);

}  // namespace assay::policy
