// The part of GRUB's language whose outcome does not depend on the machine: a list of commands.
//
// Source: GRUB manual 2.12, "Writing full configuration files directly", "Quoting", "Comments".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assay::measure {

struct GrubCommand {
  std::size_t line = 0;  // from 1
  std::vector<std::string> words;
};

// Anything else (variables, conditions, loops, functions, menus, assignments) is an error that
// names the line.
Result<std::vector<GrubCommand>> ParseGrubScript(std::string_view text);

}  // namespace assay::measure
