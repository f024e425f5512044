// Handing a token and secrets to another program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::agent {

enum class Handover { kDescriptor, kEnvironment };

inline constexpr const char* kTokenVariable = "ASSAY_TOKEN";

// What a program is given: under `variable` itself in its environment, or as the number of a
// descriptor in the variable with _FD behind it. An environment holds no zero byte.
struct Handed {
  std::string variable;
  View content;
  Handover how = Handover::kDescriptor;
};

// A file in memory with that content, at its begin, sealed: whoever inherits it can read it and
// nobody can change it (memfd_create(2), F_ADD_SEALS). Survives exec; the caller owns the
// descriptor.
Result<int> SealedFile(View content);

// Replaces this program by `command`. Other processes of the same user can read an environment, and
// it is inherited further. Returns only on error.
Error Execute(const std::vector<std::string>& command, const std::vector<Handed>& handed);

}  // namespace assay::agent
