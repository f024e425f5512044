#include "evidence/trace.h"

#include <algorithm>

namespace assay {

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass: return "pass";
    case Outcome::kWarn: return "warn";
    case Outcome::kFail: return "fail";
    case Outcome::kWaived: return "waived";
  }
  return "fail";
}

bool Trace::failed() const {
  return std::any_of(checks_.begin(), checks_.end(),
                     [](const Check& check) { return check.outcome == Outcome::kFail; });
}

}  // namespace assay
