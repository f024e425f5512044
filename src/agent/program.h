// Another program, run to its end: cryptsetup.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::agent {

struct ProgramEnd {
  int code = 0;        // its exit code; 128 and the signal's number if one ended it
  std::string output;  // what it printed; its errors go where ours do
};

// `command` is looked up in PATH; `input` is its standard input, from a sealed file in memory;
// without one it has ours. More output than limits::kAgentProgramOutput is an error.
Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::optional<View>& input);

}  // namespace assay::agent
