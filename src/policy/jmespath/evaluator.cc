#include "policy/jmespath/evaluator.h"

#include <algorithm>

#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"

namespace assay::jmespath {
namespace {

tl::unexpected<Error> TooCostly(const Node& node) {
  return Refuse(Fault::kLimit, node.offset, "the query takes more steps than an evaluation may");
}

bool IsOrdering(Op op) { return op >= Op::kLess && op <= Op::kGreaterEqual; }

bool Ordered(Op op, int order) {
  switch (op) {
    case Op::kLess: return order < 0;
    case Op::kLessEqual: return order <= 0;
    case Op::kGreater: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace

Result<void> Evaluator::Spend(std::size_t steps, const Node& node) {
  if (!budget_.Spend(steps)) return TooCostly(node);
  return {};
}

Result<void> Evaluator::SpendBytes(std::size_t bytes, const Node& node) {
  if (!budget_.SpendBytes(bytes)) return TooCostly(node);
  return {};
}

Result<bool> Evaluator::Equal(const Value& a, const Value& b, const Node& node) {
  const bool equal = DeepEqual(a, b, budget_);
  if (budget_.left() == 0) return TooCostly(node);
  return equal;
}

Result<Value> Evaluator::Visit(const Node& node, const Value& current) {
  TRY_VOID(Spend(1, node));
  const auto left = [&] { return Visit(tree_.nodes[node.left], current); };
  switch (node.op) {
    case Op::kIdentity:
    case Op::kCurrent: return current;
    case Op::kField: TRY_VOID(Spend(current.size() / 8, node)); return current.Find(node.text);
    case Op::kLiteral: return Value::From(node.literal);
    case Op::kSubexpression: return Visit(tree_.nodes[node.right], TRY(left()));
    case Op::kIndex: return Index(node, TRY(left()));
    case Op::kSlice: return Slice(node, TRY(left()));
    case Op::kProjection:
    case Op::kValueProjection:
    case Op::kFilterProjection: return Project(node, TRY(left()));
    case Op::kFlatten: return Flatten(node, TRY(left()));
    case Op::kOr: {
      const Value value = TRY(left());
      return value.Truthy() ? value : Visit(tree_.nodes[node.right], current);
    }
    case Op::kAnd: {
      const Value value = TRY(left());
      return value.Truthy() ? Visit(tree_.nodes[node.right], current) : value;
    }
    case Op::kNot: return Value(!TRY(left()).Truthy());
    case Op::kList: return MakeList(node, current);
    case Op::kHash: return MakeHash(node, current);
    case Op::kCall: return Call(node, current);
    case Op::kReference: return Value(&tree_.nodes[node.left]);
    default: return Compare(node, current);
  }
}

Result<Value> Evaluator::Index(const Node& node, const Value& left) {
  if (left.kind() != kArray) return Value();
  const auto size = static_cast<std::int64_t>(left.size());
  const std::int64_t index = node.number < 0 ? node.number + size : node.number;
  if (index < 0 || index >= size) return Value();
  return left.at(static_cast<std::size_t>(index));
}

// As Python slices: what is left out or beyond an end means that end.
Result<Value> Evaluator::Slice(const Node& node, const Value& left) {
  if (left.kind() != kArray) return Value();
  const auto size = static_cast<std::int64_t>(left.size());
  const std::int64_t step = node.slice[2].value_or(1);
  const std::int64_t lowest = step < 0 ? -1 : 0;
  const std::int64_t highest = step < 0 ? size - 1 : size;
  const auto bound = [&](std::optional<std::int64_t> given, std::int64_t missing) {
    if (!given) return missing;
    return std::clamp(*given < 0 ? *given + size : *given, lowest, highest);
  };
  const std::int64_t start = bound(node.slice[0], step < 0 ? highest : lowest);
  const std::int64_t stop = bound(node.slice[1], step < 0 ? lowest : highest);
  // Beyond the array's size every step is the same; this keeps the sum below from overflowing.
  const std::int64_t stride = std::clamp(step, -size - 1, size + 1);
  List out;
  for (std::int64_t i = start; step < 0 ? i > stop : i < stop; i += stride) {
    TRY_VOID(Spend(1, node));
    out.push_back(left.at(static_cast<std::size_t>(i)));
  }
  return arena_.Keep(std::move(out));
}

// All three projections: over an array, an array's matching elements, an object's values. Nulls are
// left out of the result.
Result<Value> Evaluator::Project(const Node& node, const Value& left) {
  const Kind wanted = node.op == Op::kValueProjection ? kObject : kArray;
  if (left.kind() != wanted) return Value();
  List out;
  for (std::size_t i = 0; i < left.size(); ++i) {
    TRY_VOID(Spend(1, node));
    const Value element = left.at(i);
    if (node.op == Op::kFilterProjection) {
      if (!TRY(Visit(tree_.nodes[node.extra], element)).Truthy()) continue;
    }
    const Value result = TRY(Visit(tree_.nodes[node.right], element));
    if (result.kind() != kNull) out.push_back(result);
  }
  return arena_.Keep(std::move(out));
}

Result<Value> Evaluator::Flatten(const Node& node, const Value& left) {
  if (left.kind() != kArray) return Value();
  List out;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Value element = left.at(i);
    TRY_VOID(Spend(1 + element.size(), node));
    if (element.kind() != kArray) {
      out.push_back(element);
      continue;
    }
    for (std::size_t j = 0; j < element.size(); ++j) out.push_back(element.at(j));
  }
  return arena_.Keep(std::move(out));
}

// Anything can be equal; only numbers have an order, and the comparison of others is null.
Result<Value> Evaluator::Compare(const Node& node, const Value& current) {
  const Value a = TRY(Visit(tree_.nodes[node.left], current));
  const Value b = TRY(Visit(tree_.nodes[node.right], current));
  if (IsOrdering(node.op)) {
    if (a.kind() != kNumber || b.kind() != kNumber) return Value();
    return Value(Ordered(node.op, CompareNumbers(a, b)));
  }
  return Value(TRY(Equal(a, b, node)) == (node.op == Op::kEqual));
}

Result<Value> Evaluator::MakeList(const Node& node, const Value& current) {
  if (current.kind() == kNull) return Value();
  List out;
  for (const NodeIndex child : node.children) {
    out.push_back(TRY(Visit(tree_.nodes[child], current)));
  }
  return arena_.Keep(std::move(out));
}

Result<Value> Evaluator::MakeHash(const Node& node, const Value& current) {
  if (current.kind() == kNull) return Value();
  Dict out;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Value value = TRY(Visit(tree_.nodes[node.children[i]], current));
    TRY_VOID(Spend(out.size(), node));
    const auto twin = std::find_if(
        out.begin(), out.end(), [&](const auto& member) { return member.first == node.keys[i]; });
    if (twin != out.end()) {
      twin->second = value;
    } else {
      out.emplace_back(node.keys[i], value);
    }
  }
  return arena_.Keep(std::move(out));
}

Result<Value> Evaluator::Call(const Node& node, const Value& current) {
  List arguments;
  for (const NodeIndex child : node.children) {
    arguments.push_back(TRY(Visit(tree_.nodes[child], current)));
  }
  TRY_VOID(CheckArguments(node, arguments, *this));
  return node.function->run(*this, node, arguments);
}

}  // namespace assay::jmespath
