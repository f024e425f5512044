// The functions of policy version 1.2 (azure-docs, attestation/claim-rule-functions.md).
//
// JmesPath, JsonToClaimValue, AppendString and NegateBool work on single values; given several, as
// c.value is when c stands for several claims, they work on each (or each pair). IsSubsetOf and
// ContainsOnlyValue work on the whole sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "policy/datum.h"

namespace assay::policy {

// What an expression can be, as far as the text of the policy tells; a bit set.
using Types = std::uint8_t;
inline constexpr Types kTextType = 1;
inline constexpr Types kIntegerType = 2;
inline constexpr Types kBooleanType = 4;
inline constexpr Types kAnyType = 7;

struct Function {
  std::string_view name;
  std::size_t arity;
  Types parameters[2];
  Types result;
  Result<Set> (*run)(Workspace& work, std::span<const Set> arguments);
};

// Null when there is none of that name.
const Function* FindFunction(std::string_view name);
std::span<const Function> Functions();

}  // namespace assay::policy
