// max, max_by, min, min_by, sort, sort_by.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"

namespace assay::jmespath {
namespace {

// Two numbers or two strings; strings by code point, which is the order of UTF-8 bytes.
int Order(const Value& a, const Value& b) {
  return a.kind() == kNumber ? CompareNumbers(a, b) : a.string().compare(b.string());
}

struct Keyed {
  Value key, element;
};

// The elements with themselves as keys, for the functions without "_by".
std::vector<Keyed> Plain(const Value& array) {
  std::vector<Keyed> out;
  for (std::size_t i = 0; i < array.size(); ++i) out.push_back({array.at(i), array.at(i)});
  return out;
}

// The elements with the value of the expression as key: all numbers or all strings.
Result<std::vector<Keyed>> ByExpression(Evaluator& run, const Node& call, const List& arguments) {
  std::vector<Keyed> out;
  for (std::size_t i = 0; i < arguments[0].size(); ++i) {
    TRY_VOID(run.Spend(1, call));
    const Value element = arguments[0].at(i);
    const Value key = TRY(run.Visit(*arguments[1].expression(), element));
    const bool fits = (key.kind() & (kNumber | kString)) != 0 &&
                      (out.empty() || key.kind() == out.front().key.kind());
    if (!fits) {
      return Refuse(Fault::kInvalidType, call.offset,
                    fmt::format("{}() needs keys that are all numbers or all strings, not {}",
                                call.function->name, key.KindName()));
    }
    out.push_back({key, element});
  }
  return out;
}

Value Extreme(const std::vector<Keyed>& all, bool largest) {
  if (all.empty()) return {};
  const Keyed* best = &all.front();
  for (const Keyed& one : all) {
    const int order = Order(one.key, best->key);
    if (largest ? order > 0 : order < 0) best = &one;
  }
  return best->element;
}

Result<Value> Sorted(Evaluator& run, const Node& call, std::vector<Keyed> all) {
  TRY_VOID(run.Spend(all.size() * std::bit_width(all.size()), call));
  std::stable_sort(all.begin(), all.end(),
                   [](const Keyed& a, const Keyed& b) { return Order(a.key, b.key) < 0; });
  List out;
  for (const Keyed& one : all) out.push_back(one.element);
  return run.arena().Keep(std::move(out));
}

Result<Value> Max(Evaluator&, const Node&, const List& arguments) {
  return Extreme(Plain(arguments[0]), true);
}

Result<Value> Min(Evaluator&, const Node&, const List& arguments) {
  return Extreme(Plain(arguments[0]), false);
}

Result<Value> MaxBy(Evaluator& run, const Node& call, const List& arguments) {
  return Extreme(TRY(ByExpression(run, call, arguments)), true);
}

Result<Value> MinBy(Evaluator& run, const Node& call, const List& arguments) {
  return Extreme(TRY(ByExpression(run, call, arguments)), false);
}

Result<Value> Sort(Evaluator& run, const Node& call, const List& arguments) {
  return Sorted(run, call, Plain(arguments[0]));
}

Result<Value> SortBy(Evaluator& run, const Node& call, const List& arguments) {
  return Sorted(run, call, TRY(ByExpression(run, call, arguments)));
}

constexpr Function kOrderFunctions[] = {
    {"max", 1, false, kNumbers | kStrings, 0, Max},
    {"max_by", 2, false, kArray, kReference, MaxBy},
    {"min", 1, false, kNumbers | kStrings, 0, Min},
    {"min_by", 2, false, kArray, kReference, MinBy},
    {"sort", 1, false, kNumbers | kStrings, 0, Sort},
    {"sort_by", 2, false, kArray, kReference, SortBy},
};

}  // namespace

std::span<const Function> OrderFunctions() { return kOrderFunctions; }

}  // namespace assay::jmespath
