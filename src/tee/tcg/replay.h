// What the PCRs hold after a log: extended from their start values, bank by bank.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/result.h"
#include "tee/tcg/event_log.h"

namespace assay::tcg {

inline constexpr std::uint32_t kPcrCount = 24;  // TPM 2.0 Part 1 §11.6, PC Client profile

using PcrValues = std::map<std::uint32_t, Bytes>;

// new = H(old ‖ digest), TPM 2.0 Part 1 §17.
void Extend(HashAlgorithm bank, View digest, Bytes& value);

// Zeros, but 0xFF for the PCRs of a dynamic launch, 17 to 22 (PC Client profile, table 5).
Bytes StartValue(HashAlgorithm bank, std::uint32_t pcr);

// The locality of the H-CRTM or of the start-up command, which PCR 0 starts with (PFP §10.4.5.3);
// more than one such event, or one after PCR 0 was extended, is an error: a log could be read both
// ways.
Result<std::optional<std::uint8_t>> StartupLocality(const EventLog& log);

// Only the PCRs that an event extends. An index that is no PCR is an error.
Result<PcrValues> Replay(const EventLog& log, HashAlgorithm bank);

}  // namespace assay::tcg
