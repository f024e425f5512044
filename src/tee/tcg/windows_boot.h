// What Windows says of its own start: the tagged events that its boot manager and loader extend
// into PCRs 11 to 14 ("SIPA" events of the WBCL).
//
// Source: wbcl.h of the Windows SDK (names and numbers of the events); structure observed in logs
// of Windows Server: {u32 id, u32 size, data}, containers nest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tee/tcg/event_log.h"
#include "tee/tcg/replay.h"

namespace assay::tcg {

struct WindowsBoot {
  // Each stage of the boot states these anew; the worst statement stands. Absent: never stated.
  std::optional<bool> code_integrity;  // false if any stage ran without
  std::optional<bool> boot_debugging, kernel_debugging,
      hypervisor_debugging;  // true if any said so
  std::optional<bool> test_signing, flight_signing, safe_mode, winpe;
  std::optional<bool> bitlocker_unlocked;  // a volume was unlocked by the boot manager
  // The numbers of wbcl.h; of several, the last.
  std::optional<std::uint64_t> hypervisor_launch_type, vsm_launch_type;
  std::optional<std::uint64_t> data_execution_prevention, driver_load_policy;
  // What VBS was told to demand.
  std::optional<bool> vsm_required, vbs_secure_boot_required, vbs_iommu_required;
  std::optional<std::uint64_t> hvci_policy;
  std::vector<std::string> elam_drivers;  // early-launch anti-malware
  std::vector<View> idks;                 // keys that sign VBS enclave reports, as measured
};

// Nothing when the log has no such events: another system booted. An error when it has, and they
// cannot be believed: data that does not belong to its digest, an event after the separator of its
// PCR, which Windows extends last, or malformed events.
//
// They are only Windows' word when Windows was started: PCR 4 and 7 decide that. Another system can
// extend the same.
Result<std::optional<WindowsBoot>> ReadWindowsBoot(const EventLog& log);

// Whether every PCR that holds such events of the log is among `pcrs`: of two stages the one that
// is left out may be the worse.
bool WindowsPcrsAmong(const EventLog& log, const PcrValues& pcrs);

}  // namespace assay::tcg
