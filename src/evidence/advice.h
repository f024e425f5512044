// What a person can do about a failed check, by the check's name.
#pragma once

#include <string_view>

namespace assay {

// One sentence; empty for a check that passed judgement on something nobody can mend.
std::string_view AdviceFor(std::string_view check_name);

}  // namespace assay
