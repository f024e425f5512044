// How a verdict looks to a person and to a program.
#pragma once

#include <string>
#include <string_view>

#include "appraise/appraise.h"
#include "base/json.h"

namespace assay::cli {

json::Value VerdictJson(const Verdict& verdict);
// The failed checks first, then warnings and waivers.
std::string VerdictText(const Verdict& verdict);

// The parts of which texts about a verdict are made.
std::string Headline(const Verdict& verdict);
std::string FailedText(const Verdict& verdict);
std::string MeaningText(const Verdict& verdict);
std::string_view OutcomeMark(Outcome outcome);  // six characters wide
std::string PlaceText(const ByteRange& where);  // "  [bytes 3 to 7]"; empty for no place

// "key: value" lines, nested objects indented.
std::string ObjectText(const json::Value& value);

}  // namespace assay::cli
