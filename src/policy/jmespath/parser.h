// JMESPath tokens to a tree. Unknown functions, wrong numbers of arguments and a slice step of zero
// are refused here, before any document is seen.
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/jmespath/ast.h"

namespace assay::jmespath {

Result<Tree> ParseQuery(std::string_view query);

}  // namespace assay::jmespath
