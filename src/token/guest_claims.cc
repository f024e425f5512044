#include "token/guest_claims.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace assay {
namespace {

const json::Value* FindIn(const Claims& claims, std::string_view name) {
  const auto found = std::find_if(claims.begin(), claims.end(),
                                  [name](const auto& claim) { return claim.first == name; });
  return found == claims.end() ? nullptr : &found->second;
}

// By the log; without one, by the runtime data that the processor bound.
json::Value SecureBootOf(const Claims& claims) {
  if (const json::Value* const by_log = FindIn(claims, "secure_boot")) return *by_log;
  const json::Value* const configuration = FindIn(claims, "vm_configuration");
  const json::Value* const state =
      configuration != nullptr ? configuration->Find("secure-boot") : nullptr;
  return state != nullptr && state->AsBool() != nullptr && *state->AsBool();
}

json::Array QuotedPcrs(const Claims& claims) {
  json::Array out;
  const json::Value* const pcrs = FindIn(claims, "pcrs");
  if (pcrs == nullptr || pcrs->AsObject() == nullptr) return out;
  for (const auto& [index, value] : *pcrs->AsObject()) {
    std::int64_t number = 0;
    std::from_chars(index.data(), index.data() + index.size(), number);
    out.emplace_back(number);
  }
  return out;
}

struct GuestName {
  std::string_view azure, assay;
};

void AddWindowsState(const json::Value& windows, json::Object& out) {
  for (const GuestName& name : {GuestName{"bootdebug-enabled", "boot_debugging"},
                                GuestName{"flightsigning-enabled", "flight_signing"},
                                GuestName{"hypervisordebug-enabled", "hypervisor_debugging"},
                                GuestName{"kerneldebug-enabled", "kernel_debugging"},
                                GuestName{"testsigning-enabled", "test_signing"},
                                GuestName{"hvci-policy", "hvci_policy"}}) {
    const json::Value* const value = windows.Find(name.assay);
    if (value != nullptr) out.emplace_back("x-ms-azurevm-" + std::string(name.azure), *value);
  }
  const json::Value* const drivers = windows.Find("elam_drivers");
  const bool elam =
      drivers != nullptr && drivers->AsArray() != nullptr && !drivers->AsArray()->empty();
  out.emplace_back("x-ms-azurevm-elam-enabled", elam);
  const auto denied = [&windows](std::string_view name) {
    const json::Value* const value = windows.Find(name);
    return value != nullptr && value->AsBool() != nullptr && !*value->AsBool();
  };
  out.emplace_back("x-ms-azurevm-debuggersdisabled",
                   denied("boot_debugging") && denied("kernel_debugging"));
  out.emplace_back("x-ms-azurevm-signingdisabled",
                   denied("test_signing") && denied("flight_signing"));
}

}  // namespace

void AddGuestBoot(const Claims& claims, json::Object& out) {
  const json::Value* const windows = FindIn(claims, "windows");
  out.emplace_back("secureboot", SecureBootOf(claims));
  out.emplace_back("x-ms-attestation-type", "azurevm");
  out.emplace_back("x-ms-azurevm-attestation-protocol-ver", "2.0");
  out.emplace_back("x-ms-azurevm-attested-pcrs", QuotedPcrs(claims));
  out.emplace_back("x-ms-azurevm-is-windows", windows != nullptr);
  if (windows != nullptr) AddWindowsState(*windows, out);
  const json::Value* const configuration = FindIn(claims, "vm_configuration");
  const json::Value* const id =
      configuration != nullptr ? configuration->Find("vmUniqueId") : nullptr;
  if (id != nullptr) out.emplace_back("x-ms-azurevm-vmid", *id);
}

}  // namespace assay
