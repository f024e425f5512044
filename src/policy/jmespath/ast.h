// A parsed query: a flat list of nodes that name each other by index, children before parents.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace assay::jmespath {

struct Function;  // functions.h

using NodeIndex = std::uint32_t;

enum class Op : std::uint8_t {
  kIdentity,          // the current node, where the grammar lets an operand out
  kCurrent,           // @
  kField,             // text
  kLiteral,           // literal
  kSubexpression,     // left, then right on its result; also a pipe
  kIndex,             // left[number]
  kSlice,             // left[slice]
  kProjection,        // left[*].right
  kValueProjection,   // left.*.right
  kFilterProjection,  // left[?extra].right
  kFlatten,           // left[]
  kOr,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kList,       // [children]
  kHash,       // {keys: children}
  kCall,       // function(children)
  kReference,  // &left
};

struct Node {
  Op op = Op::kIdentity;
  std::uint32_t depth = 1;  // of the tree below: the evaluator's recursion is bounded by it
  std::size_t offset = 0;   // in the query, for errors
  NodeIndex left = 0, right = 0, extra = 0;
  std::int64_t number = 0;
  std::array<std::optional<std::int64_t>, 3> slice;  // start, stop, step
  std::string text;
  json::Value literal;
  std::vector<NodeIndex> children;
  std::vector<std::string> keys;
  const Function* function = nullptr;
};

struct Tree {
  std::vector<Node> nodes;
  NodeIndex root = 0;
};

}  // namespace assay::jmespath
