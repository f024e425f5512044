// contains, keys, length, map, merge, not_null, reverse, to_array, type, values.
#include <algorithm>

#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"

namespace assay::jmespath {
namespace {

// The byte length of the code point that begins with `lead`; 1 for stray bytes.
std::size_t CodePointSize(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

Result<Value> Contains(Evaluator& run, const Node& call, const List& arguments) {
  const Value& subject = arguments[0];
  if (subject.kind() == kString) {
    TRY_VOID(run.SpendBytes(subject.string().size(), call));
    return Value(arguments[1].kind() == kString &&
                 subject.string().find(arguments[1].string()) != std::string_view::npos);
  }
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (TRY(run.Equal(subject.at(i), arguments[1], call))) return Value(true);
  }
  return Value(false);
}

Result<Value> Keys(Evaluator& run, const Node&, const List& arguments) {
  List out;
  for (std::size_t i = 0; i < arguments[0].size(); ++i) out.emplace_back(arguments[0].key(i));
  return run.arena().Keep(std::move(out));
}

Result<Value> Values(Evaluator& run, const Node&, const List& arguments) {
  List out;
  for (std::size_t i = 0; i < arguments[0].size(); ++i) out.push_back(arguments[0].at(i));
  return run.arena().Keep(std::move(out));
}

// Of a string: its code points.
Result<Value> Length(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].kind() != kString) {
    return Value(static_cast<std::int64_t>(arguments[0].size()));
  }
  const std::string_view text = arguments[0].string();
  TRY_VOID(run.SpendBytes(text.size(), call));
  return Value(std::int64_t{std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  })});
}

Result<Value> Map(Evaluator& run, const Node& call, const List& arguments) {
  List out;
  for (std::size_t i = 0; i < arguments[1].size(); ++i) {
    TRY_VOID(run.Spend(1, call));
    out.push_back(TRY(run.Visit(*arguments[0].expression(), arguments[1].at(i))));
  }
  return run.arena().Keep(std::move(out));
}

Result<Value> Merge(Evaluator& run, const Node& call, const List& arguments) {
  Dict out;
  for (const Value& object : arguments) {
    for (std::size_t i = 0; i < object.size(); ++i) {
      TRY_VOID(run.Spend(1 + out.size() / 8, call));
      const auto twin = std::find_if(out.begin(), out.end(), [&](const auto& member) {
        return member.first == object.key(i);
      });
      if (twin != out.end()) {
        twin->second = object.at(i);
      } else {
        out.emplace_back(object.key(i), object.at(i));
      }
    }
  }
  return run.arena().Keep(std::move(out));
}

Result<Value> NotNull(Evaluator&, const Node&, const List& arguments) {
  for (const Value& argument : arguments) {
    if (argument.kind() != kNull) return argument;
  }
  return Value();
}

Result<Value> Reverse(Evaluator& run, const Node& call, const List& arguments) {
  if (arguments[0].kind() == kArray) {
    List out;
    for (std::size_t i = arguments[0].size(); i > 0; --i) out.push_back(arguments[0].at(i - 1));
    return run.arena().Keep(std::move(out));
  }
  const std::string_view text = arguments[0].string();
  TRY_VOID(run.SpendBytes(text.size(), call));
  std::string out(text);
  std::size_t end = out.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = std::min(CodePointSize(text[i]), text.size() - i);
    end -= size;
    text.copy(out.data() + end, size, i);
    i += size;
  }
  return Value(run.arena().Keep(std::move(out)));
}

Result<Value> ToArray(Evaluator& run, const Node&, const List& arguments) {
  if (arguments[0].kind() == kArray) return arguments[0];
  return run.arena().Keep(List{arguments[0]});
}

Result<Value> Type(Evaluator&, const Node&, const List& arguments) {
  return Value(arguments[0].KindName());
}

constexpr Function kCollectionFunctions[] = {
    {"contains", 2, false, kString | kArray, kAny, Contains},
    {"keys", 1, false, kObject, 0, Keys},
    {"length", 1, false, kString | kArray | kObject, 0, Length},
    {"map", 2, false, kReference, kArray, Map},
    {"merge", 1, true, kObject, kObject, Merge},
    {"not_null", 1, true, kAny, kAny, NotNull},
    {"reverse", 1, false, kString | kArray, 0, Reverse},
    {"to_array", 1, false, kAny, 0, ToArray},
    {"type", 1, false, kAny, 0, Type},
    {"values", 1, false, kObject, 0, Values},
};

}  // namespace

std::span<const Function> CollectionFunctions() { return kCollectionFunctions; }

}  // namespace assay::jmespath
