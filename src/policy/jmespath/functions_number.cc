// abs, avg, ceil, floor, sum, to_number.
#include <cmath>
#include <limits>

#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"

namespace assay::jmespath {
namespace {

// An integer where the double is one that fits, so that results print and compare as integers.
Value FromDouble(double d) {
  constexpr double kLimit = 9007199254740992.0;  // 2^53: beyond it doubles skip integers
  if (d == std::floor(d) && std::fabs(d) <= kLimit) return Value(static_cast<std::int64_t>(d));
  return Value(d);
}

Result<Value> Finite(const Node& call, double d) {
  if (!std::isfinite(d))
    return Refuse(Fault::kInvalidValue, call.offset, "the result is too large");
  return FromDouble(d);
}

Result<Value> Abs(Evaluator&, const Node&, const List& arguments) {
  const std::int64_t* n = arguments[0].integer();
  if (n != nullptr && *n != std::numeric_limits<std::int64_t>::min()) {
    return Value(*n < 0 ? -*n : *n);
  }
  return Value(std::fabs(arguments[0].number()));
}

Result<Value> Ceil(Evaluator&, const Node&, const List& arguments) {
  if (arguments[0].integer() != nullptr) return arguments[0];
  return FromDouble(std::ceil(arguments[0].number()));
}

Result<Value> Floor(Evaluator&, const Node&, const List& arguments) {
  if (arguments[0].integer() != nullptr) return arguments[0];
  return FromDouble(std::floor(arguments[0].number()));
}

// Exact while all are integers and the sum fits; CheckArguments has paid for the walk.
Result<Value> Sum(Evaluator&, const Node& call, const List& arguments) {
  std::int64_t exact = 0;
  bool is_exact = true;
  double sum = 0;
  for (std::size_t i = 0; i < arguments[0].size(); ++i) {
    const Value element = arguments[0].at(i);
    sum += element.number();
    is_exact = is_exact && element.integer() != nullptr &&
               !__builtin_add_overflow(exact, *element.integer(), &exact);
  }
  if (is_exact) return Value(exact);
  if (!std::isfinite(sum)) return Finite(call, sum);
  return Value(sum);
}

Result<Value> Avg(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].size() == 0) return Value();
  const Value sum = TRY(Sum(run, call, arguments));
  return Finite(call, sum.number() / static_cast<double>(arguments[0].size()));
}

Result<Value> ToNumber(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].kind() == kNumber) return arguments[0];
  if (arguments[0].kind() != kString) return Value();
  const std::string_view text = arguments[0].string();
  TRY_VOID(run.SpendBytes(text.size(), call));
  // Only what is written as a JSON number is one.
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != text.npos) return Value();
  const auto parsed = json::Parse(text);
  if (!parsed) return Value();
  const Value number = Value::From(*parsed);
  return number.kind() == kNumber ? number : Value();
}

constexpr Function kNumberFunctions[] = {
    {"abs", 1, false, kNumber, 0, Abs},   {"avg", 1, false, kNumbers, 0, Avg},
    {"ceil", 1, false, kNumber, 0, Ceil}, {"floor", 1, false, kNumber, 0, Floor},
    {"sum", 1, false, kNumbers, 0, Sum},  {"to_number", 1, false, kAny, 0, ToNumber},
};

}  // namespace

std::span<const Function> NumberFunctions() { return kNumberFunctions; }

}  // namespace assay::jmespath
