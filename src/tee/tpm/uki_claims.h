// The sections of the unified kernel image that was booted, as claims.
#pragma once

#include "evidence/claims.h"
#include "tee/tcg/event_log.h"
#include "tee/tcg/replay.h"

namespace assay::tpm {

// "uki_sections": {".linux": digest, ...} and "uki_unexplained", how much else PCR 11 holds. None
// without such an image, or when PCR 11 is not among `quoted`.
void AddUkiClaims(const tcg::EventLog& log, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
                  Claims& out);

}  // namespace assay::tpm
