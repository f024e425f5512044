// How a verdict looks to a person and to a program.
#pragma once

#include <string>

#include "appraise/appraise.h"
#include "base/json.h"

namespace assay::cli {

json::Value VerdictJson(const Verdict& verdict);
// The failed checks first, then warnings and waivers; with `every_check` all of them in order.
std::string VerdictText(const Verdict& verdict, bool every_check);
// "key: value" lines, nested objects indented.
std::string ObjectText(const json::Value& value);

}  // namespace assay::cli
