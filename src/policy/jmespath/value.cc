#include "policy/jmespath/value.h"

#include <algorithm>

#include "base/limits.h"
#include "policy/jmespath/error.h"

namespace assay::jmespath {
namespace {

template <typename... Alternatives>
struct Overloaded : Alternatives... {
  using Alternatives::operator()...;
};
template <typename... Alternatives>
Overloaded(Alternatives...) -> Overloaded<Alternatives...>;

tl::unexpected<Error> TooLarge() {
  return Refuse(Fault::kLimit, 0, "the result is larger than an evaluation may make");
}

// `depth` bounds what comes out, so that every result is a document that can be parsed again.
Result<json::Value> Convert(const Value& value, Budget& budget, std::size_t depth);

Result<json::Value> ArrayToJson(const Value& value, Budget& budget, std::size_t depth) {
  json::Array out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    out.push_back(TRY(Convert(value.at(i), budget, depth)));
  }
  return json::Value(std::move(out));
}

Result<json::Value> ObjectToJson(const Value& value, Budget& budget, std::size_t depth) {
  json::Object out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!budget.SpendBytes(value.key(i).size())) return TooLarge();
    out.emplace_back(std::string(value.key(i)), TRY(Convert(value.at(i), budget, depth)));
  }
  return json::Value(std::move(out));
}

Result<json::Value> Convert(const Value& value, Budget& budget, std::size_t depth) {
  if (!budget.Spend(1)) return TooLarge();
  const Kind kind = value.kind();
  if ((kind & (kArray | kObject)) != 0 && depth == 0) {
    return Refuse(Fault::kLimit, 0, "the result nests deeper than a document may");
  }
  switch (kind) {
    case kNull: return json::Value();
    case kBoolean: return json::Value(value.boolean());
    case kNumber:
      if (value.integer() != nullptr) return json::Value(*value.integer());
      return json::Value(value.number());
    case kString:
      if (!budget.SpendBytes(value.string().size())) return TooLarge();
      return json::Value(value.string());
    case kArray: return ArrayToJson(value, budget, depth - 1);
    case kObject: return ObjectToJson(value, budget, depth - 1);
    case kReference: break;
  }
  return Refuse(Fault::kInvalidType, 0, "an &expression is no result");
}

bool EqualObjects(const Value& a, const Value& b, Budget& budget) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < b.size() && !found; ++j) {
      if (!budget.Spend(1)) return false;
      found = a.key(i) == b.key(j) && DeepEqual(a.at(i), b.at(j), budget);
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

Value Value::From(const json::Value& value) {
  Value out;
  if (const bool* b = value.AsBool()) out.data_ = *b;
  if (const std::int64_t* n = value.AsInt()) out.data_ = *n;
  if (const double* d = value.AsDouble()) out.data_ = *d;
  if (const std::string* s = value.AsString()) out.data_ = std::string_view(*s);
  if (const json::Array* a = value.AsArray()) out.data_ = a;
  if (const json::Object* o = value.AsObject()) out.data_ = o;
  return out;
}

Kind Value::kind() const {
  static constexpr Kind kKinds[] = {kNull,  kBoolean, kNumber, kNumber, kString,
                                    kArray, kObject,  kArray,  kObject, kReference};
  return kKinds[data_.index()];
}

std::string_view Value::KindName() const {
  switch (kind()) {
    case kNull: return "null";
    case kBoolean: return "boolean";
    case kNumber: return "number";
    case kString: return "string";
    case kArray: return "array";
    case kObject: return "object";
    case kReference: return "expression";
  }
  return "null";
}

bool Value::Truthy() const {
  switch (kind()) {
    case kNull: return false;
    case kBoolean: return boolean();
    case kString: return !string().empty();
    case kArray:
    case kObject: return size() > 0;
    default: return true;
  }
}

double Value::number() const {
  const std::int64_t* exact = integer();
  return exact != nullptr ? static_cast<double>(*exact) : std::get<double>(data_);
}

std::size_t Value::size() const {
  return std::visit(
      Overloaded{[](const json::Array* a) { return a->size(); },
                 [](const json::Object* o) { return o->size(); },
                 [](const List* l) { return l->size(); }, [](const Dict* d) { return d->size(); },
                 [](const auto&) { return std::size_t{0}; }},
      data_);
}

Value Value::at(std::size_t index) const {
  return std::visit(Overloaded{[&](const json::Array* a) { return From((*a)[index]); },
                               [&](const json::Object* o) { return From((*o)[index].second); },
                               [&](const List* l) { return (*l)[index]; },
                               [&](const Dict* d) { return (*d)[index].second; },
                               [](const auto&) { return Value(); }},
                    data_);
}

std::string_view Value::key(std::size_t index) const {
  if (const auto* object = std::get_if<const json::Object*>(&data_)) {
    return (**object)[index].first;
  }
  return (*std::get<const Dict*>(data_))[index].first;
}

Value Value::Find(std::string_view name) const {
  if (const auto* object = std::get_if<const json::Object*>(&data_)) {
    for (const auto& [key, value] : **object) {
      if (key == name) return From(value);
    }
  }
  if (const auto* dict = std::get_if<const Dict*>(&data_)) {
    for (const auto& [key, value] : **dict) {
      if (key == name) return value;
    }
  }
  return {};
}

int CompareNumbers(const Value& a, const Value& b) {
  const std::int64_t* x = a.integer();
  const std::int64_t* y = b.integer();
  if (x != nullptr && y != nullptr) return *x < *y ? -1 : static_cast<int>(*x > *y);
  return a.number() < b.number() ? -1 : static_cast<int>(a.number() > b.number());
}

bool DeepEqual(const Value& a, const Value& b, Budget& budget) {
  if (a.kind() != b.kind() || !budget.Spend(1)) return false;
  switch (a.kind()) {
    case kNull: return true;
    case kBoolean: return a.boolean() == b.boolean();
    case kNumber: return CompareNumbers(a, b) == 0;
    case kString: return budget.SpendBytes(a.string().size()) && a.string() == b.string();
    case kReference: return false;
    case kObject: return a.size() == b.size() && EqualObjects(a, b, budget);
    case kArray: break;
  }
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!DeepEqual(a.at(i), b.at(i), budget)) return false;
  }
  return true;
}

Result<json::Value> ToJson(const Value& value, Budget& budget) {
  return Convert(value, budget, limits::kJsonDepth);
}

}  // namespace assay::jmespath
