#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/limits.h"

namespace assay::json {
namespace {

tl::unexpected<Error> Malformed(std::string_view why) {
  return Fail(ErrorCode::kMalformed, fmt::format("JSON: {}", why));
}

Result<Value> Convert(simdjson::dom::element element);

Result<Value> ConvertObject(simdjson::dom::object object) {
  Object out;
  std::vector<std::string_view> keys;
  out.reserve(object.size());
  keys.reserve(object.size());
  for (const auto [key, value] : object) {
    keys.push_back(key);
    out.emplace_back(std::string(key), TRY(Convert(value)));
  }
  std::sort(keys.begin(), keys.end());
  const auto twin = std::adjacent_find(keys.begin(), keys.end());
  if (twin != keys.end()) return Malformed(fmt::format("key \"{}\" stands twice", *twin));
  return Value(std::move(out));
}

Result<Value> ConvertArray(simdjson::dom::array array) {
  Array out;
  out.reserve(array.size());
  for (const auto element : array) out.push_back(TRY(Convert(element)));
  return Value(std::move(out));
}

// simdjson bounds the depth itself, so this recursion is bounded too.
Result<Value> Convert(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: return ConvertArray(element.get_array().value_unsafe());
    case element_type::OBJECT: return ConvertObject(element.get_object().value_unsafe());
    case element_type::INT64: return Value(element.get_int64().value_unsafe());
    case element_type::UINT64: return Value(element.get_uint64().value_unsafe());
    case element_type::DOUBLE: return Value(element.get_double().value_unsafe());
    case element_type::STRING: return Value(element.get_string().value_unsafe());
    case element_type::BOOL: return Value(element.get_bool().value_unsafe());
    case element_type::NULL_VALUE: return Value();
  }
  return Malformed("unknown element");
}

constexpr std::array<bool, 256> kNeedsEscape = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = true;
  table[static_cast<unsigned char>('"')] = true;
  table[static_cast<unsigned char>('\\')] = true;
  return table;
}();

bool NeedsEscape(char c) { return kNeedsEscape[static_cast<unsigned char>(c)]; }

void WriteEscaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  }
}

void WriteString(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto stop = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<std::size_t>(stop - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    WriteEscaped(out, text.front());
    text.remove_prefix(1);
  }
  out.push_back('"');
}

// Shortest text that reads back as the same double, and as a double: -0.0 is no integer, nor
// is 1.0.
void WriteDouble(std::string& out, double value) {
  const std::string text = fmt::format("{}", value);
  out += text;
  if (text.find_first_of(".e") == std::string::npos) out += ".0";
}

// `indent` < 0 writes compactly; otherwise it is the current depth.
void WriteValue(std::string& out, const Value& value, int indent);

void NewLine(std::string& out, int indent) {
  if (indent < 0) return;
  out.push_back('\n');
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

void WriteArray(std::string& out, const Array& array, int indent) {
  const int inner = indent < 0 ? indent : indent + 1;
  out.push_back('[');
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out.push_back(',');
    NewLine(out, inner);
    WriteValue(out, array[i], inner);
  }
  if (!array.empty()) NewLine(out, indent);
  out.push_back(']');
}

void WriteObject(std::string& out, const Object& object, int indent) {
  const int inner = indent < 0 ? indent : indent + 1;
  out.push_back('{');
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (i > 0) out.push_back(',');
    NewLine(out, inner);
    WriteString(out, object[i].first);
    out += indent < 0 ? ":" : ": ";
    WriteValue(out, object[i].second, inner);
  }
  if (!object.empty()) NewLine(out, indent);
  out.push_back('}');
}

void WriteValue(std::string& out, const Value& value, int indent) {
  if (const bool* b = value.AsBool()) {
    out += *b ? "true" : "false";
  } else if (const std::int64_t* n = value.AsInt()) {
    out += std::to_string(*n);
  } else if (const double* d = value.AsDouble()) {
    WriteDouble(out, *d);
  } else if (const std::string* s = value.AsString()) {
    WriteString(out, *s);
  } else if (const Array* a = value.AsArray()) {
    WriteArray(out, *a, indent);
  } else if (const Object* o = value.AsObject()) {
    WriteObject(out, *o, indent);
  } else {
    out += "null";
  }
}

tl::unexpected<Error> NotOfType(std::string_view where, std::string_view key,
                                std::string_view type) {
  return Fail(ErrorCode::kMalformed, fmt::format("JSON: {}.{} must be {}", where, key, type));
}

}  // namespace

Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;
Value::Value(Array a) : data_(std::move(a)) {}
Value::Value(Object o) : data_(std::move(o)) {}
Value::Value(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(n);
  } else {
    data_ = std::to_string(n);
  }
}

const Value* Value::Find(std::string_view key) const {
  const Object* object = AsObject();
  if (object == nullptr) return nullptr;
  const auto it = std::find_if(object->begin(), object->end(),
                               [&](const Member& member) { return member.first == key; });
  return it == object->end() ? nullptr : &it->second;
}

Result<std::string> Value::String(std::string_view key, std::string_view where) const {
  const Value* member = Find(key);
  if (member == nullptr || member->AsString() == nullptr) return NotOfType(where, key, "a string");
  return *member->AsString();
}

Result<std::int64_t> Value::Int(std::string_view key, std::string_view where) const {
  const Value* member = Find(key);
  if (member == nullptr || member->AsInt() == nullptr) return NotOfType(where, key, "an integer");
  return *member->AsInt();
}

Result<const Array*> Value::List(std::string_view key, std::string_view where) const {
  const Value* member = Find(key);
  if (member == nullptr || member->AsArray() == nullptr) return NotOfType(where, key, "an array");
  return member->AsArray();
}

Result<Value> Parse(std::string_view text) {
  simdjson::dom::parser parser;
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), limits::kJsonDepth) !=
      simdjson::SUCCESS) {
    return Malformed("out of memory");
  }
  const simdjson::padded_string padded(text);
  simdjson::dom::element root;
  if (const auto error = parser.parse(padded).get(root)) {
    return Malformed(simdjson::error_message(error));
  }
  return Convert(root);
}

Result<std::string> RawMember(std::string_view text, std::string_view key) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  simdjson::ondemand::object member;
  std::string_view raw;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object.find_field_unordered(key).get_object().get(member) != simdjson::SUCCESS ||
      member.raw_json().get(raw) != simdjson::SUCCESS) {
    return Malformed(fmt::format("no object member \"{}\" at the top level", key));
  }
  while (!raw.empty() && raw.back() != '}') raw.remove_suffix(1);
  return std::string(raw);
}

std::string Write(const Value& value) {
  std::string out;
  WriteValue(out, value, -1);
  return out;
}

std::string WritePretty(const Value& value) {
  std::string out;
  WriteValue(out, value, 0);
  return out;
}

}  // namespace assay::json
