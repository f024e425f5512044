#include "policy/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"

namespace assay::policy {
namespace {

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// No set may have more values than there may be claims: pairs of pairs would fill the memory.
Result<void> Add(const Datum& datum, Set& out) {
  if (out.size() >= limits::kPolicyClaims) {
    return Refuse(fmt::format("a set of more than {} values", limits::kPolicyClaims));
  }
  out.push_back(datum);
  return {};
}

tl::unexpected<Error> TooCostly() { return Refuse("the evaluation takes more steps than it may"); }

Result<void> Want(const Datum& datum, ValueType type, std::string_view function) {
  if (datum.type == type) return {};
  return Refuse(
      fmt::format("{} needs a value of type {}, not {}", function, Name(type), Name(datum.type)));
}

Result<Datum> FindIn(Workspace& work, const Datum& data, const Datum& query) {
  TRY_VOID(Want(data, ValueType::kString, "JmesPath"));
  TRY_VOID(Want(query, ValueType::kString, "JmesPath"));
  const json::Value* document = TRY(work.Document(data));
  const jmespath::Query* compiled = TRY(work.Query(work.Text(query)));
  Datum out;
  out.json = work.Keep(TRY(compiled->Search(*document, work.budget())));
  out.issue_as_text = true;
  out.read_only = data.read_only || query.read_only;
  return out;
}

Result<Set> JmesPath(Workspace& work, std::span<const Set> arguments) {
  Set out;
  for (const Datum& data : arguments[0]) {
    for (const Datum& query : arguments[1]) TRY_VOID(Add(TRY(FindIn(work, data, query)), out));
  }
  return out;
}

// One JSON scalar as a claim value; null adds none.
Result<void> AddScalar(const json::Value& value, bool read_only, Set& out) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value.is_null()) return {};
  Datum datum = Datum::From(value);
  if (const double* number = value.AsDouble()) {
    if (*number != std::floor(*number) || std::fabs(*number) > kExact) {
      return Refuse(
          fmt::format("JsonToClaimValue cannot make a claim of the fraction {}", *number));
    }
    datum = Datum::Integer(static_cast<std::int64_t>(*number));
  } else if (datum.json != nullptr) {
    return Refuse(fmt::format("JsonToClaimValue cannot make a claim of {}",
                              value.AsArray() != nullptr ? "an array in an array" : "an object"));
  }
  datum.read_only = read_only;
  return Add(datum, out);
}

Result<Set> JsonToClaimValue(Workspace& work, std::span<const Set> arguments) {
  Set out;
  for (const Datum& datum : arguments[0]) {
    TRY_VOID(Want(datum, ValueType::kString, "JsonToClaimValue"));
    const json::Value* document = TRY(work.Document(datum));
    const json::Array* array = document->AsArray();
    if (array == nullptr) {
      TRY_VOID(AddScalar(*document, datum.read_only, out));
      continue;
    }
    if (!work.budget().Spend(array->size())) return TooCostly();
    for (const json::Value& element : *array) TRY_VOID(AddScalar(element, datum.read_only, out));
  }
  return out;
}

bool Contains(Workspace& work, const Set& set, const Datum& wanted) {
  return std::any_of(set.begin(), set.end(),
                     [&](const Datum& one) { return work.Same(one, wanted); });
}

Result<Set> IsSubsetOf(Workspace& work, std::span<const Set> arguments) {
  if (!work.budget().Spend(1 + arguments[0].size() * (1 + arguments[1].size()))) {
    return TooCostly();
  }
  const bool subset = std::all_of(arguments[0].begin(), arguments[0].end(), [&](const Datum& one) {
    return Contains(work, arguments[1], one);
  });
  return Set{Datum::Boolean(subset)};
}

Result<Set> AppendString(Workspace& work, std::span<const Set> arguments) {
  Set out;
  for (const Datum& head : arguments[0]) {
    for (const Datum& tail : arguments[1]) {
      TRY_VOID(Want(head, ValueType::kString, "AppendString"));
      TRY_VOID(Want(tail, ValueType::kString, "AppendString"));
      const std::string_view a = work.Text(head);
      const std::string_view b = work.Text(tail);
      if (!work.budget().SpendBytes(a.size() + b.size())) return TooCostly();
      Datum datum = Datum::Text(work.Keep(std::string(a) + std::string(b)));
      datum.read_only = head.read_only || tail.read_only;
      TRY_VOID(Add(datum, out));
    }
  }
  return out;
}

Result<Set> NegateBool(Workspace&, std::span<const Set> arguments) {
  Set out = arguments[0];
  for (Datum& datum : out) {
    TRY_VOID(Want(datum, ValueType::kBoolean, "NegateBool"));
    datum.number = datum.number == 0 ? 1 : 0;
  }
  return out;
}

Result<Set> ContainsOnlyValue(Workspace& work, std::span<const Set> arguments) {
  if (arguments[1].size() != 1) {
    return Refuse(
        fmt::format("ContainsOnlyValue needs one value to look for, not {}", arguments[1].size()));
  }
  if (!work.budget().Spend(1 + arguments[0].size())) return TooCostly();
  const bool only = !arguments[0].empty() &&
                    std::all_of(arguments[0].begin(), arguments[0].end(),
                                [&](const Datum& one) { return work.Same(one, arguments[1][0]); });
  return Set{Datum::Boolean(only)};
}

constexpr Function kFunctions[] = {
    {"JmesPath", 2, {kTextType, kTextType}, kTextType, JmesPath},
    {"JsonToClaimValue", 1, {kTextType, 0}, kAnyType, JsonToClaimValue},
    {"IsSubsetOf", 2, {kAnyType, kAnyType}, kBooleanType, IsSubsetOf},
    {"AppendString", 2, {kTextType, kTextType}, kTextType, AppendString},
    {"NegateBool", 1, {kBooleanType, 0}, kBooleanType, NegateBool},
    {"ContainsOnlyValue", 2, {kAnyType, kAnyType}, kBooleanType, ContainsOnlyValue},
};

}  // namespace

const Function* FindFunction(std::string_view name) {
  const auto* it = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                [&](const Function& one) { return one.name == name; });
  return it == std::end(kFunctions) ? nullptr : it;
}

std::span<const Function> Functions() { return kFunctions; }

}  // namespace assay::policy
