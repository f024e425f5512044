// Walks a parsed query over a document.
#pragma once

#include "base/result.h"
#include "policy/jmespath/ast.h"
#include "policy/jmespath/value.h"

namespace assay::jmespath {

class Evaluator {
 public:
  // Both must outlive the evaluator and every value it makes.
  Evaluator(const Tree& tree, Budget& budget) : tree_(tree), budget_(budget) {}

  // Recursion is bounded by the depth of the tree (limits::kJmesPathDepth).
  Result<Value> Visit(const Node& node, const Value& current);
  const Node& node(NodeIndex index) const { return tree_.nodes[index]; }

  // For functions: what they make lives here and is paid for.
  Arena& arena() { return arena_; }
  Budget& budget() { return budget_; }
  Result<void> Spend(std::size_t steps, const Node& node);
  Result<void> SpendBytes(std::size_t bytes, const Node& node);
  // DeepEqual, with an error when the budget ends.
  Result<bool> Equal(const Value& a, const Value& b, const Node& node);

 private:
  Result<Value> Index(const Node& node, const Value& left);
  Result<Value> Slice(const Node& node, const Value& left);
  Result<Value> Project(const Node& node, const Value& left);
  Result<Value> Flatten(const Node& node, const Value& left);
  Result<Value> Compare(const Node& node, const Value& current);
  Result<Value> MakeList(const Node& node, const Value& current);
  Result<Value> MakeHash(const Node& node, const Value& current);
  Result<Value> Call(const Node& node, const Value& current);

  const Tree& tree_;
  Budget& budget_;
  Arena arena_;
};

}  // namespace assay::jmespath
