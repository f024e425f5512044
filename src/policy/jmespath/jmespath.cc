#include "policy/jmespath/jmespath.h"

#include "policy/jmespath/evaluator.h"
#include "policy/jmespath/parser.h"

namespace assay::jmespath {

Result<Query> Query::Compile(std::string_view text) {
  return Query(std::make_shared<const Tree>(TRY(ParseQuery(text))));
}

Result<json::Value> Query::Search(const json::Value& document) const {
  Budget budget;
  return Search(document, budget);
}

Result<json::Value> Query::Search(const json::Value& document, Budget& budget) const {
  Evaluator evaluator(*tree_, budget);
  const Value found = TRY(evaluator.Visit(tree_->nodes[tree_->root], Value::From(document)));
  return ToJson(found, budget);
}

}  // namespace assay::jmespath
