// The errors of JMESPath, under the names that its specification and compliance suite give them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::jmespath {

enum class Fault {
  kSyntax,
  kInvalidType,
  kInvalidValue,
  kInvalidArity,
  kUnknownFunction,
  kLimit,  // not of the specification: the query costs more than it may
};

// "syntax", "invalid-type", ... as in the compliance suite; "limit" for the last.
std::string_view FaultName(Fault fault);

// "JMESPath: invalid-type: <what> (column 7)"; `offset` is a position in the query.
tl::unexpected<Error> Refuse(Fault fault, std::size_t offset, std::string_view what);

}  // namespace assay::jmespath
