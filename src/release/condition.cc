#include "release/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/limits.h"

namespace assay::release {
namespace {

// Holds every std::int64_t and every double exactly, so that 2^53 + 1 is not 2^53.
using Number = long double;
static_assert(std::numeric_limits<Number>::digits >= 64);

std::optional<Number> NumberOf(const json::Value& value) {
  if (const std::int64_t* n = value.AsInt()) return static_cast<Number>(*n);
  if (const double* d = value.AsDouble()) return static_cast<Number>(*d);
  return std::nullopt;
}

// Equal or not; nothing when the two are of different types.
std::optional<bool> Equals(const json::Value& claim, const json::Value& operand) {
  if (const std::string* wanted = operand.AsString()) {
    if (const std::string* text = claim.AsString()) return *text == *wanted;
    const bool* truth = claim.AsBool();
    if (truth != nullptr && (*wanted == "true" || *wanted == "false")) {
      return *truth == (*wanted == "true");
    }
    return std::nullopt;
  }
  if (const bool* wanted = operand.AsBool()) {
    const bool* truth = claim.AsBool();
    return truth != nullptr ? std::optional(*truth == *wanted) : std::nullopt;
  }
  const std::optional<Number> left = NumberOf(claim);
  const std::optional<Number> right = NumberOf(operand);
  return left && right ? std::optional(*left == *right) : std::nullopt;
}

std::optional<bool> Holds(Operator op, const json::Value& claim, const json::Value& operand) {
  const std::optional<bool> equal = Equals(claim, operand);
  if (!equal || op == Operator::kEquals) return equal;
  if (op == Operator::kNotEquals) return !*equal;
  const std::optional<Number> left = NumberOf(claim);
  const std::optional<Number> right = NumberOf(operand);
  if (!left || !right) return std::nullopt;
  switch (op) {
    case Operator::kLess: return *left < *right;
    case Operator::kLessOrEquals: return *left <= *right;
    case Operator::kGreater: return *left > *right;
    case Operator::kGreaterOrEquals: return *left >= *right;
    default: return std::nullopt;
  }
}

// Whether the claim stands where its path does not lead: for a nested path at the top, whole or by
// its last name; for a name of the top within one of the objects there. It satisfies nothing, but
// whoever reads the denial should know.
bool StandsElsewhere(const json::Value& claims, const ClaimPath& path) {
  if (path.size() > 1) {
    return claims.Find(path.back()) != nullptr || claims.Find(Write(path)) != nullptr;
  }
  const json::Object* members = claims.AsObject();
  return members != nullptr &&
         std::any_of(members->begin(), members->end(), [&path](const json::Member& member) {
           return member.second.Find(path.front()) != nullptr;
         });
}

}  // namespace

const json::Value* FindClaim(const json::Value& claims, const ClaimPath& path) {
  const json::Value* at = &claims;
  for (const std::string& part : path) {
    at = at->Find(part);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Outcome Judge(const ClaimTest& test, const json::Value& claims) {
  const json::Value* claim = FindClaim(claims, test.claim);
  if (test.op == Operator::kExists && !*test.operand.AsBool()) {
    return claim == nullptr ? Outcome::kMet : Outcome::kFalse;
  }
  if (claim == nullptr) {
    return StandsElsewhere(claims, test.claim) ? Outcome::kOtherLevel : Outcome::kMissing;
  }
  // null says that there is no value: it is not what was asked for, and not absent either.
  if (test.op == Operator::kExists) return claim->is_null() ? Outcome::kFalse : Outcome::kMet;
  const std::optional<bool> holds = Holds(test.op, *claim, test.operand);
  if (!holds) return Outcome::kOtherType;
  return *holds ? Outcome::kMet : Outcome::kFalse;
}

bool SameScalar(const json::Value& a, const json::Value& b) {
  if ((a.AsString() == nullptr) != (b.AsString() == nullptr)) return false;
  return Equals(a, b).value_or(false);
}

std::string Shown(const json::Value* value) {
  if (value == nullptr) return "nothing";
  if (value->AsObject() != nullptr) return "an object";
  if (value->AsArray() != nullptr) return "a list";
  const std::string* text = value->AsString();
  if (text == nullptr || text->size() <= limits::kPolicyShownBytes) return json::Write(*value);
  return fmt::format("a string of {} bytes", text->size());
}

}  // namespace assay::release
