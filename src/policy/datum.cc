#include "policy/datum.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace assay::policy {

std::string_view Name(ValueType type) {
  switch (type) {
    case ValueType::kString: return "String";
    case ValueType::kInteger: return "Integer";
    case ValueType::kBoolean: return "Boolean";
  }
  return "String";
}

Datum Datum::From(const json::Value& value) {
  if (const bool* b = value.AsBool()) return Boolean(*b);
  if (const std::int64_t* n = value.AsInt()) return Integer(*n);
  if (const std::string* s = value.AsString()) return Text(*s);
  Datum out;
  out.json = &value;
  return out;
}

std::string_view Workspace::Text(const Datum& datum) {
  if (datum.json == nullptr) return datum.text;
  const auto [it, is_new] = written_.try_emplace(datum.json);
  if (is_new) {
    it->second = Keep(json::Write(*datum.json));
    (void)budget_.SpendBytes(it->second.size());
  }
  return it->second;
}

Result<const json::Value*> Workspace::Document(const Datum& datum) {
  if (datum.json != nullptr) return datum.json;
  const auto [it, is_new] = parsed_.try_emplace(datum.text, nullptr);
  if (!is_new && it->second != nullptr) return it->second;
  if (!budget_.SpendBytes(datum.text.size())) {
    return Fail(ErrorCode::kInvalidArgument, "the evaluation takes more steps than it may");
  }
  it->second = Keep(TRY(json::Parse(datum.text)));
  return it->second;
}

Result<const jmespath::Query*> Workspace::Query(std::string_view text) {
  if (const auto it = compiled_.find(text); it != compiled_.end()) return &it->second;
  if (const auto it = queries_.find(text); it != queries_.end()) return &it->second;
  if (!budget_.SpendBytes(text.size() * 16)) {
    return Fail(ErrorCode::kInvalidArgument, "the evaluation takes more steps than it may");
  }
  return &queries_.emplace(text, TRY(jmespath::Query::Compile(text))).first->second;
}

bool Workspace::Same(const Datum& a, const Datum& b) {
  if (a.type != b.type) return false;
  if (a.type != ValueType::kString) return a.number == b.number;
  if (a.json == b.json && a.json != nullptr) return true;
  const std::string_view x = Text(a);
  const std::string_view y = Text(b);
  return x.size() == y.size() && budget_.SpendBytes(x.size()) && x == y;
}

json::Value Workspace::Output(const Datum& datum) {
  switch (datum.type) {
    case ValueType::kInteger: return json::Value(datum.number);
    case ValueType::kBoolean: return json::Value(datum.number != 0);
    case ValueType::kString: break;
  }
  if (datum.json != nullptr && !datum.issue_as_text) return *datum.json;
  return json::Value(Text(datum));
}

std::string Workspace::Show(const Datum& datum) {
  if (datum.type == ValueType::kInteger) return std::to_string(datum.number);
  if (datum.type == ValueType::kBoolean) return datum.number != 0 ? "true" : "false";
  const std::string_view text = Text(datum);
  if (text.size() <= limits::kPolicyShownBytes) return fmt::format("\"{}\"", text);
  std::size_t end = limits::kPolicyShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("\"{}...\" ({} bytes)", text.substr(0, end), text.size());
}

}  // namespace assay::policy
