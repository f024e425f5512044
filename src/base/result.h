// Result<T>: a value, or an Error that says what was expected, what was found and what to do.
//
// A refusal of evidence is NOT an Error: it is data (evidence/verdict.h). An Error is a failure to
// judge: unreadable input, a missing file, an unreachable host.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace assay {

// Stable across releases: tools and HTTP clients branch on these.
enum class ErrorCode {
  kMalformed,    // the bytes do not follow their format
  kUnsupported,  // well-formed, but a version or type this build does not handle
  kMissing,      // something needed was not given or not found
  kInvalidArgument,
  kConflict,  // what is stored is not what the change was made for
  kIo,        // file or network
  kInternal,  // a library call failed that should not
};

std::string_view ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // expected what, found what, where
  std::string hint;     // what the user can do; may be empty
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}

}  // namespace assay

// The value of `expr`, or return its error from the enclosing function. The counter keeps nested
// uses from shadowing each other. Not behind another element of a braced initialiser, nor in that
// of a `new`: g++ 12 and clang 14 do not destroy what was made before the return, so it leaks
// (tools/check_try.py).
#define TRY(expr) ASSAY_TRY_IMPL(expr, __COUNTER__)
#define ASSAY_TRY_IMPL(expr, n) ASSAY_TRY_NAMED(expr, n)
#define ASSAY_TRY_NAMED(expr, n)                                                   \
  ({                                                                               \
    auto try_result_##n = (expr);                                                  \
    if (!try_result_##n) return tl::unexpected(std::move(try_result_##n.error())); \
    std::move(*try_result_##n);                                                    \
  })

// The same for a Result<void>.
#define TRY_VOID(expr)                                                               \
  do {                                                                               \
    auto try_void_result = (expr);                                                   \
    if (!try_void_result) return tl::unexpected(std::move(try_void_result.error())); \
  } while (false)
