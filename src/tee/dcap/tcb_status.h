// TCB statuses of Intel's PCS API and how several of them become one.
#pragma once

#include <optional>
#include <string_view>

namespace assay::dcap {

enum class TcbStatus {
  kUpToDate,
  kSwHardeningNeeded,
  kConfigurationNeeded,
  kConfigurationAndSwHardeningNeeded,
  kOutOfDate,
  kOutOfDateConfigurationNeeded,
  kTdRelaunchAdvised,
  kTdRelaunchAdvisedConfigurationNeeded,
  kRevoked,
};

std::string_view TcbStatusName(TcbStatus status);
// Only the statuses that documents carry, not the two relaunch results.
std::optional<TcbStatus> TcbStatusNamed(std::string_view name);

// Trusted by default: UpToDate and the three that ask for software hardening or configuration.
bool TrustedByDefault(TcbStatus status);

// The platform's status in the light of that of an enclave or module it relies on (QE, TDX module).
TcbStatus Converge(TcbStatus platform, TcbStatus part);
// TD report 1.5 and later: the status at launch (TEE_TCB_SVN) and now (TEE_TCB_SVN_2).
TcbStatus ConvergeRelaunch(TcbStatus launch, TcbStatus current);

}  // namespace assay::dcap
