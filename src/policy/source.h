// Places in a policy's text, and errors that show them:
//
//   policy:3:14: expected ";" after the action
//       => permit()
//                  ^
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::policy {

// Lines and columns count from 1; a column is a character (UTF-8 code point), not a byte.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::size_t offset = 0;
};

// The error at `place` of `text`, with the line and a caret below the place.
tl::unexpected<Error> PolicyError(std::string_view text, const Place& place, std::string_view what,
                                  std::string hint = {}, ErrorCode code = ErrorCode::kMalformed);

// "policy:3:14: <what>", the line, the caret. For findings that are no errors.
std::string Point(std::string_view text, const Place& place, std::string_view what);

}  // namespace assay::policy
