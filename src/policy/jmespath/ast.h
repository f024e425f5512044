// A parsed query: a flat list of nodes that name each other by index, children before parents.
#pragma once

#include <algorithm>
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

// The depth of the deepest tree that `node` is put on top of.
inline std::uint32_t DepthBelow(const Tree& tree, const Node& node) {
  if (tree.nodes.empty()) return 0;
  std::uint32_t depth = 0;
  for (const NodeIndex child : {node.left, node.right, node.extra}) {
    depth = std::max(depth, tree.nodes[child].depth);
  }
  for (const NodeIndex child : node.children) depth = std::max(depth, tree.nodes[child].depth);
  return depth;
}

}  // namespace assay::jmespath
