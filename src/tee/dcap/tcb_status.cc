#include "tee/dcap/tcb_status.h"

#include <array>
#include <utility>

namespace assay::dcap {
namespace {

using enum TcbStatus;

constexpr std::array<std::pair<TcbStatus, std::string_view>, 9> kNames = {{
    {kUpToDate, "UpToDate"},
    {kSwHardeningNeeded, "SWHardeningNeeded"},
    {kConfigurationNeeded, "ConfigurationNeeded"},
    {kConfigurationAndSwHardeningNeeded, "ConfigurationAndSWHardeningNeeded"},
    {kOutOfDate, "OutOfDate"},
    {kOutOfDateConfigurationNeeded, "OutOfDateConfigurationNeeded"},
    {kTdRelaunchAdvised, "TDRelaunchAdvised"},
    {kTdRelaunchAdvisedConfigurationNeeded, "TDRelaunchAdvisedConfigurationNeeded"},
    {kRevoked, "Revoked"},
}};

bool NeedsConfiguration(TcbStatus status) {
  return status == kConfigurationNeeded || status == kConfigurationAndSwHardeningNeeded ||
         status == kOutOfDateConfigurationNeeded;
}

bool IsOutOfDate(TcbStatus status) {
  return status == kOutOfDate || status == kOutOfDateConfigurationNeeded;
}

}  // namespace

std::string_view TcbStatusName(TcbStatus status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  return "Revoked";
}

std::optional<TcbStatus> TcbStatusNamed(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    const bool relaunch =
        value == kTdRelaunchAdvised || value == kTdRelaunchAdvisedConfigurationNeeded;
    if (known == name && !relaunch) return value;
  }
  return std::nullopt;
}

bool TrustedByDefault(TcbStatus status) {
  return status == kUpToDate || status == kSwHardeningNeeded || status == kConfigurationNeeded ||
         status == kConfigurationAndSwHardeningNeeded;
}

TcbStatus Converge(TcbStatus platform, TcbStatus part) {
  if (platform == kRevoked || part == kRevoked) return kRevoked;
  if (!IsOutOfDate(part)) return platform;
  return NeedsConfiguration(platform) ? kOutOfDateConfigurationNeeded : kOutOfDate;
}

TcbStatus ConvergeRelaunch(TcbStatus launch, TcbStatus current) {
  if (launch == kRevoked || current == kRevoked) return kRevoked;
  if (!IsOutOfDate(launch) || IsOutOfDate(current)) return launch;
  return NeedsConfiguration(launch) || NeedsConfiguration(current)
             ? kTdRelaunchAdvisedConfigurationNeeded
             : kTdRelaunchAdvised;
}

}  // namespace assay::dcap
