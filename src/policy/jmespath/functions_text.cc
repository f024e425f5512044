// ends_with, equals_ignore_case, join, starts_with, to_string.
#include <algorithm>

#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"

namespace assay::jmespath {
namespace {

Result<Value> StartsWith(Evaluator&, const Node&, const List& arguments) {
  return Value(arguments[0].string().starts_with(arguments[1].string()));
}

Result<Value> EndsWith(Evaluator&, const Node&, const List& arguments) {
  return Value(arguments[0].string().ends_with(arguments[1].string()));
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Not of the JMESPath specification: Azure's sample policies compare file paths with it
// (azure-docs, attestation/policy-version-1-2.md). ASCII only; a non-string equals nothing, because
// those policies apply it to members that may be missing.
Result<Value> EqualsIgnoreCase(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].kind() != kString || arguments[1].kind() != kString) return Value(false);
  const std::string_view a = arguments[0].string();
  const std::string_view b = arguments[1].string();
  TRY_VOID(run.SpendBytes(a.size(), call));
  return Value(std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](char x, char y) { return Lower(x) == Lower(y); }));
}

Result<Value> Join(Evaluator& run, const Node& call, const List& arguments) {
  const std::string_view glue = arguments[0].string();
  std::string out;
  for (std::size_t i = 0; i < arguments[1].size(); ++i) {
    const std::string_view part = arguments[1].at(i).string();
    TRY_VOID(run.SpendBytes(part.size() + glue.size(), call));
    if (i > 0) out += glue;
    out += part;
  }
  return Value(run.arena().Keep(std::move(out)));
}

Result<Value> ToString(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].kind() == kString) return arguments[0];
  const json::Value document = TRY(ToJson(arguments[0], run.budget()));
  std::string text = json::Write(document);
  TRY_VOID(run.SpendBytes(text.size(), call));
  return Value(run.arena().Keep(std::move(text)));
}

constexpr Function kTextFunctions[] = {
    {"ends_with", 2, false, kString, kString, EndsWith},
    {"equals_ignore_case", 2, false, kAny, kAny, EqualsIgnoreCase},
    {"join", 2, false, kString, kStrings, Join},
    {"starts_with", 2, false, kString, kString, StartsWith},
    {"to_string", 1, false, kAny, 0, ToString},
};

}  // namespace

std::span<const Function> TextFunctions() { return kTextFunctions; }

}  // namespace assay::jmespath
