// The sections of the unified kernel image that was booted, as claims.
#pragma once

#include <cstdint>

#include "evidence/claims.h"
#include "tee/tcg/event_log.h"

namespace assay::tpm {

inline constexpr std::uint32_t kUkiPcr = 11;

// "uki_sections": {".linux": digest, ...} and "uki_unexplained", how much else kUkiPcr holds. None
// without such an image. They hold where that PCR is quoted.
Claims UkiClaims(const tcg::EventLog& log, tcg::HashAlgorithm bank);

}  // namespace assay::tpm
