// Handing the token to another program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::agent {

enum class Handover { kDescriptor, kEnvironment };

inline constexpr const char* kTokenDescriptorVariable = "ASSAY_TOKEN_FD";
inline constexpr const char* kTokenVariable = "ASSAY_TOKEN";

// A file in memory with the token, at its begin, sealed: whoever inherits it can read it and nobody
// can change it (memfd_create(2), F_ADD_SEALS). Survives exec; the caller owns the descriptor.
Result<int> SealedFile(std::string_view content);

// Replaces this program by `command`, which finds the token on the descriptor whose number is in
// ASSAY_TOKEN_FD, or in ASSAY_TOKEN: other processes of the same user can read an environment, and
// it is inherited further. Returns only on error.
Error Execute(const std::vector<std::string>& command, std::string_view token, Handover handover);

}  // namespace assay::agent
