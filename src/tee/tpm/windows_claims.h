// What Windows states of its own start, as claims.
#pragma once

#include "evidence/claims.h"
#include "tee/tcg/event_log.h"
#include "tee/tcg/replay.h"

namespace assay::tpm {

// One claim, "windows": an object of what was stated. None for another system, for events that
// cannot be believed, and when one of the PCRs that hold them is not among `quoted`: of two stages
// the quoted one may be the better.
void AddWindowsClaims(const tcg::EventLog& log, const tcg::PcrValues& quoted, Claims& out);

}  // namespace assay::tpm
