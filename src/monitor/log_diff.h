// Two logs of one machine: which event makes a PCR differ.
#pragma once

#include <string>

#include "tee/tcg/event_log.h"

namespace assay::monitor {

// "event 31: was \"linux /vmlinuz quiet\", is \"linux /vmlinuz debug\"": the first event of that
// PCR in which they differ. Empty if they do not. Only data that belongs to its digest is shown.
std::string FirstDifference(const tcg::EventLog& before, const tcg::EventLog& after,
                            std::uint32_t pcr, tcg::HashAlgorithm bank);

}  // namespace assay::monitor
