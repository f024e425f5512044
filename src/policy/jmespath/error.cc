#include "policy/jmespath/error.h"

#include <fmt/format.h>

namespace assay::jmespath {

std::string_view FaultName(Fault fault) {
  switch (fault) {
    case Fault::kSyntax: return "syntax";
    case Fault::kInvalidType: return "invalid-type";
    case Fault::kInvalidValue: return "invalid-value";
    case Fault::kInvalidArity: return "invalid-arity";
    case Fault::kUnknownFunction: return "unknown-function";
    case Fault::kLimit: return "limit";
  }
  return "unknown";
}

tl::unexpected<Error> Refuse(Fault fault, std::size_t offset, std::string_view what) {
  const ErrorCode code =
      fault == Fault::kSyntax ? ErrorCode::kMalformed : ErrorCode::kInvalidArgument;
  return Fail(code,
              fmt::format("JMESPath: {}: {} (column {})", FaultName(fault), what, offset + 1));
}

}  // namespace assay::jmespath
