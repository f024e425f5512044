// The policy language once more, as plainly as it can be said: straight from the tree, claims as
// JSON, every value copied, nothing indexed. property_test.cc holds the compiled evaluator to it.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "policy/jmespath/jmespath.h"
#include "policy/policy.h"

namespace assay::policy::reference {

struct Value {
  json::Value
      value;  // a string, integer or boolean; JSON claims and JmesPath results keep their form
  bool is_json_text = false;  // of JmesPath: issued as text
  bool read_only = false;
};
using Values = std::vector<Value>;

struct Held {
  std::string type;
  std::string issuer;
  Value value;
};

struct Outcome {
  bool permitted = false;
  json::Object issued;
  std::map<std::string, std::string> properties;  // as JSON
};

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string TypeName(const Value& value) {
  if (value.value.AsBool() != nullptr) return "Boolean";
  return value.value.AsInt() != nullptr && !value.is_json_text ? "Integer" : "String";
}

inline std::string Text(const Value& value) {
  const std::string* text = value.value.AsString();
  return text != nullptr && !value.is_json_text ? *text : json::Write(value.value);
}

// JSON scalars of JmesPath are texts: no integers, no booleans.
inline std::string Kind(const Value& value) {
  return value.is_json_text ? "String" : TypeName(value);
}

inline bool Same(const Value& a, const Value& b) {
  return Kind(a) == Kind(b) && Text(a) == Text(b);
}

class Interpreter {
 public:
  Interpreter(const ast::Policy& policy, std::span<const Claim> claims) : policy_(policy) {
    for (const Claim& claim : claims) {
      held_.push_back({claim.type, claim.issuer, {claim.value, false, claim.read_only}});
    }
  }

  Outcome Run() {
    try {
      Section(ast::Section::kConfiguration);
      Section(ast::Section::kAuthorization);
      out_.permitted = permitted_ && !denied_;
      if (out_.permitted) Section(ast::Section::kIssuance);
    } catch (const Failure&) {
      out_.permitted = false;
    }
    if (!out_.permitted) out_.issued.clear();
    return out_;
  }

 private:
  using Bound = std::map<std::string, std::vector<Held>>;

  void Section(ast::Section section) {
    for (const ast::Rule& rule : policy_.rules(section)) {
      Bound bound;
      if (!Holds(rule, bound)) continue;
      if (rule.verb == ast::Verb::kPermit) permitted_ = true;
      if (rule.verb == ast::Verb::kDeny) denied_ = true;
      if (denied_) return;
      if (rule.verb != ast::Verb::kPermit) Act(rule, section, bound);
    }
  }

  bool Holds(const ast::Rule& rule, Bound& bound) {
    for (const ast::Condition& condition : rule.conditions) {
      std::vector<Held> fitting;
      // Operands are evaluated even where no claim can fit: their errors count.
      for (const ast::Item& item : condition.items) (void)Evaluate(item.operand, bound);
      for (const Held& claim : held_) {
        const bool fits =
            std::all_of(condition.items.begin(), condition.items.end(), [&](const ast::Item& item) {
              return Fits(item, claim, Evaluate(item.operand, bound));
            });
        if (fits) fitting.push_back(claim);
      }
      if (fitting.empty() != condition.negated) return false;
      if (!condition.identifier.empty()) bound[condition.identifier] = fitting;
    }
    return true;
  }

  static Value PropertyOf(const Held& claim, ast::Property property) {
    if (property == ast::Property::kType) return {json::Value(claim.type)};
    if (property == ast::Property::kIssuer) return {json::Value(claim.issuer)};
    if (property == ast::Property::kValueType) return {json::Value(Kind(claim.value))};
    return claim.value;
  }

  static bool Fits(const ast::Item& item, const Held& claim, const Values& wanted) {
    const Value value = PropertyOf(claim, item.property);
    std::size_t equal = 0, ordered = 0;
    for (const Value& one : wanted) {
      if (Same(value, one)) ++equal;
      if (Kind(value) != "Integer" || Kind(one) != "Integer") continue;
      const std::int64_t a = *value.value.AsInt();
      const std::int64_t b = *one.value.AsInt();
      const bool holds = (item.op == ast::Operator::kLess && a < b) ||
                         (item.op == ast::Operator::kLessEqual && a <= b) ||
                         (item.op == ast::Operator::kGreater && a > b) ||
                         (item.op == ast::Operator::kGreaterEqual && a >= b);
      if (holds) ++ordered;
    }
    if (item.op == ast::Operator::kEqual) return equal > 0;
    if (item.op == ast::Operator::kNotEqual) return equal == 0;
    return !wanted.empty() && ordered == wanted.size();
  }

  Values Evaluate(const ast::Expression& expression, const Bound& bound) const {
    if (expression.kind == ast::Expression::Kind::kLiteral) {
      if (const bool* b = std::get_if<bool>(&expression.literal)) return {{json::Value(*b)}};
      if (const auto* n = std::get_if<std::int64_t>(&expression.literal))
        return {{json::Value(*n)}};
      return {{json::Value(std::get<std::string>(expression.literal))}};
    }
    Values out;
    if (expression.kind == ast::Expression::Kind::kReference) {
      for (const Held& claim : bound.at(expression.name)) {
        out.push_back(PropertyOf(claim, expression.property));
      }
      return out;
    }
    const Values a = Evaluate(expression.arguments[0], bound);
    const Values b =
        expression.arguments.size() > 1 ? Evaluate(expression.arguments[1], bound) : Values{{}};
    return Call(expression.name, a, b);
  }

  static Values Call(const std::string& name, const Values& a, const Values& b) {
    const auto has = [](const Values& set, const Value& wanted) {
      return std::any_of(set.begin(), set.end(), [&](const Value& x) { return Same(x, wanted); });
    };
    if (name == "IsSubsetOf") {
      return {{json::Value(
          std::all_of(a.begin(), a.end(), [&](const Value& x) { return has(b, x); }))}};
    }
    if (name == "ContainsOnlyValue") {
      if (b.size() != 1) throw Failure("set");
      return {{json::Value(!a.empty() && std::all_of(a.begin(), a.end(), [&](const Value& x) {
        return Same(x, b[0]);
      }))}};
    }
    Values out;
    for (const Value& x : a) {
      for (const Value& y : b) Each(name, x, y, out);
    }
    // An argument that is checked even when the other is empty.
    return out;
  }

  static void Each(const std::string& name, const Value& x, const Value& y, Values& out) {
    const auto text = [](const Value& value) {
      if (Kind(value) != "String") throw Failure("no string");
      return Text(value);
    };
    if (name == "AppendString") {
      out.push_back({json::Value(text(x) + text(y)), false, x.read_only || y.read_only});
    } else if (name == "NegateBool") {
      if (Kind(x) != "Boolean") throw Failure("no boolean");
      out.push_back({json::Value(!*x.value.AsBool()), false, x.read_only});
    } else if (name == "JmesPath") {
      const auto document = json::Parse(text(x));
      const auto query = jmespath::Query::Compile(text(y));
      if (!document || !query) throw Failure("JmesPath");
      const auto found = query->Search(*document);
      if (!found) throw Failure("JmesPath");
      out.push_back({*found, true, x.read_only || y.read_only});
    } else {
      const auto document = json::Parse(text(x));
      if (!document) throw Failure("no JSON");
      const json::Array* array = document->AsArray();
      for (const json::Value& one : array != nullptr ? *array : json::Array{*document}) {
        if (one.is_null()) continue;
        if (one.AsArray() != nullptr || one.AsObject() != nullptr) throw Failure("no scalar");
        if (const double* d = one.AsDouble()) {
          if (*d != static_cast<double>(static_cast<std::int64_t>(*d))) throw Failure("fraction");
          out.push_back({json::Value(static_cast<std::int64_t>(*d)), false, x.read_only});
        } else {
          out.push_back({one, false, x.read_only});
        }
      }
    }
  }

  static const ast::Expression* Find(const ast::Rule& rule, ast::Property property) {
    for (const ast::Assignment& one : rule.assignments) {
      if (one.property == property) return &one.value;
    }
    return nullptr;
  }

  void Act(const ast::Rule& rule, ast::Section section, const Bound& bound) {
    if (const ast::Expression* whole = Find(rule, ast::Property::kClaim)) {
      for (const Held& claim : bound.at(whole->name))
        Emit(rule, section, claim.type, {claim.value});
      return;
    }
    const Values values = Evaluate(*Find(rule, ast::Property::kValue), bound);
    const Values types = Evaluate(*Find(rule, ast::Property::kType), bound);
    if (types.size() != 1 || Kind(types[0]) != "String") throw Failure("type");
    Emit(rule, section, Text(types[0]), values);
  }

  void Emit(const ast::Rule& rule, ast::Section section, const std::string& type,
            const Values& values) {
    const bool leaves = rule.verb == ast::Verb::kIssue && section == ast::Section::kIssuance;
    const ast::Expression* given = Find(rule, ast::Property::kValueType);
    for (const Value& value : values) {
      if (given != nullptr && Kind(value) != std::get<std::string>(given->literal)) {
        throw Failure("valueType");
      }
      if (leaves && value.read_only) throw Failure("read-only");
      if (rule.verb == ast::Verb::kIssueProperty) {
        out_.properties[type] = json::Write(Output(value));
      }
    }
    if (leaves) Issue(type, values);
    for (const Value& value : values) {
      held_.push_back({type, std::string(kAttestationPolicy), value});
    }
  }

  static json::Value Output(const Value& value) {
    return value.is_json_text ? json::Value(Text(value)) : value.value;
  }

  void Issue(const std::string& type, const Values& values) {
    std::vector<Value>& known = issued_[type];
    const std::size_t before = known.size();
    for (const Value& value : values) {
      const auto end = known.begin() + static_cast<std::ptrdiff_t>(before);
      if (std::none_of(known.begin(), end, [&](const Value& x) { return Same(x, value); })) {
        known.push_back(value);
      }
    }
    if (known.empty()) return;
    json::Array all;
    for (const Value& value : known) all.push_back(Output(value));
    json::Value out = all.size() == 1 ? all[0] : json::Value(all);
    for (auto& [name, held] : out_.issued) {
      if (name != type) continue;
      held = std::move(out);
      return;
    }
    out_.issued.emplace_back(type, std::move(out));
  }

  const ast::Policy& policy_;
  std::vector<Held> held_;
  std::map<std::string, std::vector<Value>> issued_;
  bool permitted_ = false;
  bool denied_ = false;
  Outcome out_;
};

}  // namespace assay::policy::reference
