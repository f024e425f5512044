// The built-in functions: a table of names, parameters and implementations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "policy/jmespath/evaluator.h"

namespace assay::jmespath {

// What a parameter accepts: the kinds of value.h, and arrays whose elements are all of one kind.
using Accepts = std::uint16_t;
inline constexpr Accepts kAny = kNull | kBoolean | kNumber | kString | kArray | kObject;
inline constexpr Accepts kNumbers = 128;  // an array of numbers, perhaps empty
inline constexpr Accepts kStrings = 256;  // an array of strings, perhaps empty

struct Function {
  std::string_view name;
  std::size_t least;  // arguments
  bool variadic;      // more are welcome, of the type of the last parameter
  Accepts first, second;
  Result<Value> (*run)(Evaluator& run, const Node& call, const List& arguments);
};

// An error when there is none of that name or it takes another number of arguments.
Result<const Function*> FindFunction(std::string_view name, std::size_t arguments,
                                     std::size_t offset);

Result<void> CheckArguments(const Node& call, const List& arguments, Evaluator& run);

// The parts of the table, by what they work on.
std::span<const Function> NumberFunctions();
std::span<const Function> TextFunctions();
std::span<const Function> CollectionFunctions();
std::span<const Function> OrderFunctions();

}  // namespace assay::jmespath
