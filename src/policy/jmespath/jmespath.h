// JMESPath (jmespath.org), whole, with Azure's equals_ignore_case().
//
//   const auto query = TRY(jmespath::Query::Compile("Events[?PcrIndex == `7`].Digest | [0]"));
//   const json::Value found = TRY(query.Search(document));
//
// Nothing found is null, not an error. Errors name their kind ("invalid-type") and the column in
// the query. Depth, steps and memory are bounded whatever the query and the document
// (base/limits.h).
#pragma once

#include <memory>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "policy/jmespath/budget.h"

namespace assay::jmespath {

struct Tree;

// Immutable and cheap to copy; may be used by several threads at once.
class Query {
 public:
  static Result<Query> Compile(std::string_view text);

  Result<json::Value> Search(const json::Value& document) const;
  // The same, on what is left of a budget that several queries share.
  Result<json::Value> Search(const json::Value& document, Budget& budget) const;

 private:
  explicit Query(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

  std::shared_ptr<const Tree> tree_;
};

}  // namespace assay::jmespath
