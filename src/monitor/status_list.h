// The states of a fleet as a list that relying parties poll: Token Status List
// (draft-ietf-oauth-status-list, section 4), two bits for each machine.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "monitor/machine.h"

namespace assay::monitor {

inline constexpr int kStatusBits = 2;

// 0 VALID: trusted. 1 INVALID: revoked, for good. 2 SUSPENDED: everything else.
unsigned StatusOf(MachineState state);

// By index, the first in the lowest bits of the first byte, compressed in the ZLIB format.
Result<Bytes> CompressStatuses(const std::vector<MachineState>& states);

}  // namespace assay::monitor
