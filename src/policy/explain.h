// Why a policy decided as it did, in terms of its own text.
#pragma once

#include <optional>
#include <vector>

#include "policy/machine.h"
#include "policy/policy.h"

namespace assay::policy {

RuleSite SiteOf(const Program& program, ast::Section section, std::size_t index);

// The claims by which the rule that the machine saw last holds.
std::vector<SeenClaim> ClaimsSeen(Machine& machine, const CompiledRule& rule);

// After a denial for want of a permit(): the permit() with the fewest items that do not fit, and
// what each wanted. Nothing when the policy has no permit().
std::optional<NearMiss> Nearest(const Program& program, Machine& machine);

// After a deny(): each of its conditions, one of which must not hold.
NearMiss Escape(const Program& program, Machine& machine, std::size_t index);

}  // namespace assay::policy
