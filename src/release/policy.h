// A key's release policy: which authority has to have proved what before the key may leave.
//
// The grammar is Azure Key Vault's ("Azure Key Vault secure key release policy grammar"), version
// 1.0.0, and one extension of Assay that its grammar refuses: x-assay-agreement, a branch that
// holds only when several authorities agree. docs/release-policy.md explains both.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace assay::release {

enum class Operator {
  kEquals,
  kNotEquals,
  kLess,
  kLessOrEquals,
  kGreater,
  kGreaterOrEquals,
  kExists,
};

std::string_view Name(Operator op);  // "equals"

// A claim by its names from the outside in: {"x-ms-isolation-tee", "x-ms-attestation-type"}.
using ClaimPath = std::vector<std::string>;
std::string Write(const ClaimPath& path);  // with dots, as it stands in the policy

struct ClaimTest {
  ClaimPath claim;
  Operator op = Operator::kEquals;
  json::Value operand;  // a string, a number or a boolean
};

struct Condition;
enum class Quantifier { kAnyOf, kAllOf };

struct Group {
  Quantifier quantifier = Quantifier::kAllOf;
  std::vector<Condition> conditions;  // at least one
};

struct Condition {
  std::variant<ClaimTest, Group> node;
};

struct Authority {
  std::string issuer;  // as CanonicalIssuer gives it
  Group conditions;
};

// One way to satisfy the policy. Azure's have one authority. Assay's agreements have several, all
// of which have to be satisfied, each by a token of its own.
struct Branch {
  std::vector<Authority> authorities;
  std::vector<ClaimPath> equal;  // claims that have to have one value in all tokens
};

// Immutable; can be shared between threads.
struct ReleasePolicy {
  std::vector<Branch> any_of;

  bool Names(std::string_view issuer) const;  // as CanonicalIssuer gives it
};

// An issuer and an authority are compared byte by byte, but for one slash at the end: policies in
// Azure write it with and without, and tokens without.
std::string_view CanonicalIssuer(std::string_view issuer);

// Unknown versions, members and operators are refused, with the place: "anyOf[0].allOf[2]: ...".
Result<ReleasePolicy> ParseReleasePolicy(std::string_view text);

}  // namespace assay::release
