// The confidential-computing event log (CCEL): what firmware and boot loaders measured into the
// RTMRs. Source: UEFI 2.10 §38 (CC measurement), TCG PC Client Platform Firmware Profile §10 (log
// format).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace assay::cc_log {

struct LogEvent {
  std::uint32_t register_index = 0;  // 0: MRTD, 1 to 4: RTMR0 to RTMR3
  std::uint32_t type = 0;
  Sha384Digest digest{};
  View data;
};

// Events in order; EV_NO_ACTION ones are left out, as nothing is extended for them. The log's area
// is padded with 0xFF or zeros.
Result<std::vector<LogEvent>> ParseEventLog(View data);

// The value of each RTMR after the log; nothing for a register no event extends.
std::array<std::optional<Sha384Digest>, 4> Replay(const std::vector<LogEvent>& events);

}  // namespace assay::cc_log
