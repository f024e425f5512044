#include "policy/jmespath/functions.h"

#include <fmt/format.h>

#include "policy/jmespath/error.h"

namespace assay::jmespath {
namespace {

// Whether every element of the array is of that kind.
bool AllAre(const Value& array, Kind kind) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.at(i).kind() != kind) return false;
  }
  return true;
}

bool Accepted(const Value& argument, Accepts accepts) {
  if ((argument.kind() & accepts) != 0) return true;
  if (argument.kind() != kArray) return false;
  return ((accepts & kNumbers) != 0 && AllAre(argument, kNumber)) ||
         ((accepts & kStrings) != 0 && AllAre(argument, kString));
}

std::string Describe(Accepts accepts) {
  static constexpr std::pair<Accepts, std::string_view> kNames[] = {
      {kNumber, "a number"},
      {kString, "a string"},
      {kArray, "an array"},
      {kObject, "an object"},
      {kReference, "an &expression"},
      {kNumbers, "an array of numbers"},
      {kStrings, "an array of strings"},
  };
  std::string out;
  for (const auto& [bit, name] : kNames) {
    if ((accepts & bit) == 0) continue;
    if (!out.empty()) out += " or ";
    out += name;
  }
  return accepts == kAny ? "a value" : out;
}

}  // namespace

Result<const Function*> FindFunction(std::string_view name, std::size_t arguments,
                                     std::size_t offset) {
  for (const auto functions :
       {NumberFunctions(), TextFunctions(), CollectionFunctions(), OrderFunctions()}) {
    for (const Function& one : functions) {
      if (one.name != name) continue;
      if (arguments == one.least || (one.variadic && arguments > one.least)) return &one;
      return Refuse(Fault::kInvalidArity, offset,
                    fmt::format("{}() takes {}{} argument(s), {} given", name,
                                one.variadic ? "at least " : "", one.least, arguments));
    }
  }
  return Refuse(Fault::kUnknownFunction, offset, fmt::format("there is no function {}()", name));
}

Result<void> CheckArguments(const Node& call, const List& arguments, Evaluator& run) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Function& function = *call.function;
    const Accepts accepts = i == 0 || function.least == 1 ? function.first : function.second;
    TRY_VOID(run.Spend(arguments[i].size(), call));
    if (Accepted(arguments[i], accepts)) continue;
    return Refuse(Fault::kInvalidType, call.offset,
                  fmt::format("argument {} of {}() must be {}, not {}", i + 1, function.name,
                              Describe(accepts), arguments[i].KindName()));
  }
  return {};
}

}  // namespace assay::jmespath
