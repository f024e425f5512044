#include "tee/tpm/sipa_json.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "tee/tcg/uefi.h"

namespace assay::tpm {
namespace {

enum class Form {
  kFlag,    // true or false
  kNumber,  // 7
  kValue,   // {"Value": 7}
  kHvci,    // {"Value": 1, "String": "..."}
  kText,    // UTF-16
  kInner,   // a container, once
  kEach,    // a container, an array of all
  kRaw,
};

struct SipaName {
  std::uint32_t id;
  std::string_view name;
  Form form;
};

constexpr std::array kSipaNames = std::to_array<SipaName>({
    {tcg::sipa::kTrustBoundary, "EVENT_TRUSTBOUNDARY", Form::kInner},
    {tcg::sipa::kElamAggregation, "EVENT_ELAM_AGGREGATION", Form::kEach},
    {tcg::sipa::kLoadedModuleAggregation, "EVENT_LOADEDMODULE_AGGREGATION", Form::kEach},
    {0x00020002, "EVENT_BOOTCOUNTER", Form::kNumber},
    {0x00020003, "EVENT_TRANSFER_CONTROL", Form::kValue},
    {0x00020004, "EVENT_APPLICATION_RETURN", Form::kValue},
    {tcg::sipa::kBitlockerUnlock, "EVENT_BITLOCKER_UNLOCK", Form::kValue},
    {0x00020006, "EVENT_EVENTCOUNTER", Form::kNumber},
    {0x00020007, "EVENT_COUNTERID", Form::kNumber},
    {0x00020008, "EVENT_MORBIT_NOT_CANCELABLE", Form::kFlag},
    {0x00020009, "EVENT_APPLICATION_SVN", Form::kNumber},
    {0x0002000A, "EVENT_SVN_CHAIN_STATUS", Form::kValue},
    {0x0002000B, "EVENT_MORBIT_API_STATUS", Form::kValue},
    {0x00040001, "EVENT_BOOTDEBUGGING", Form::kFlag},
    {0x00040002, "EVENT_BOOT_REVOCATION_LIST", Form::kRaw},
    {0x00050001, "EVENT_OSKERNELDEBUG", Form::kFlag},
    {0x00050002, "EVENT_CODEINTEGRITY", Form::kFlag},
    {0x00050003, "EVENT_TESTSIGNING", Form::kFlag},
    {0x00050004, "EVENT_DATAEXECUTIONPREVENTION", Form::kValue},
    {0x00050005, "EVENT_SAFEMODE", Form::kFlag},
    {0x00050006, "EVENT_WINPE", Form::kFlag},
    {0x00050007, "EVENT_PHYSICALADDRESSEXTENSION", Form::kValue},
    {0x00050008, "EVENT_OSDEVICE", Form::kValue},
    {0x00050009, "EVENT_SYSTEMROOT", Form::kText},
    {0x0005000A, "EVENT_HYPERVISOR_LAUNCH_TYPE", Form::kValue},
    {0x0005000B, "EVENT_HYPERVISOR_PATH", Form::kText},
    {0x0005000C, "EVENT_HYPERVISOR_IOMMU_POLICY", Form::kValue},
    {0x0005000D, "EVENT_HYPERVISOR_DEBUG", Form::kFlag},
    {0x0005000E, "EVENT_DRIVER_LOAD_POLICY", Form::kValue},
    {0x0005000F, "EVENT_SI_POLICY", Form::kRaw},
    {0x00050010, "EVENT_HYPERVISOR_MMIO_NX_POLICY", Form::kValue},
    {0x00050011, "EVENT_HYPERVISOR_MSR_FILTER_POLICY", Form::kValue},
    {0x00050012, "EVENT_VSM_LAUNCH_TYPE", Form::kValue},
    {0x00050013, "EVENT_OS_REVOCATION_LIST", Form::kRaw},
    {0x00050014, "EVENT_SMT_STATUS", Form::kValue},
    {0x00050020, "EVENT_VSM_IDK_INFO", Form::kRaw},
    {0x00050021, "EVENT_FLIGHTSIGNING", Form::kFlag},
    {0x00050022, "EVENT_PAGEFILE_ENCRYPTION_ENABLED", Form::kFlag},
    {tcg::sipa::kVsmIdksInfo, "EVENT_VSM_IDKS_INFO", Form::kRaw},
    {0x00050024, "EVENT_HIBERNATION_DISABLED", Form::kFlag},
    {0x00050025, "EVENT_DUMPS_DISABLED", Form::kFlag},
    {0x00050026, "EVENT_DUMP_ENCRYPTION_ENABLED", Form::kFlag},
    {0x00050027, "EVENT_DUMP_ENCRYPTION_KEY_DIGEST", Form::kRaw},
    {0x00050028, "EVENT_LSAISO_CONFIG", Form::kValue},
    {0x00050029, "EVENT_SBCP_INFO", Form::kRaw},
    {0x00050030, "EVENT_HYPERVISOR_BOOT_DMA_PROTECTION", Form::kFlag},
    {0x00060001, "EVENT_NOAUTHORITY", Form::kFlag},
    {0x00060002, "EVENT_AUTHORITYPUBKEY", Form::kRaw},
    {0x00070001, "EVENT_FILEPATH", Form::kText},
    {0x00070002, "EVENT_IMAGESIZE", Form::kNumber},
    {0x00070003, "EVENT_HASHALGORITHMID", Form::kNumber},
    {0x00070004, "EVENT_AUTHENTICODEHASH", Form::kRaw},
    {0x00070005, "EVENT_AUTHORITYISSUER", Form::kText},
    {0x00070006, "EVENT_AUTHORITYSERIAL", Form::kRaw},
    {0x00070007, "EVENT_IMAGEBASE", Form::kNumber},
    {0x00070008, "EVENT_AUTHORITYPUBLISHER", Form::kText},
    {0x00070009, "EVENT_AUTHORITYSHA1THUMBPRINT", Form::kRaw},
    {0x0007000A, "EVENT_IMAGEVALIDATED", Form::kFlag},
    {0x0007000B, "EVENT_MODULE_SVN", Form::kNumber},
    {tcg::sipa::kElamKeyName, "EVENT_ELAM_KEYNAME", Form::kText},
    {0x00090002, "EVENT_ELAM_CONFIGURATION", Form::kRaw},
    {0x00090003, "EVENT_ELAM_POLICY", Form::kRaw},
    {0x00090004, "EVENT_ELAM_MEASURED", Form::kRaw},
    {0x000A0001, "EVENT_VBS_VSM_REQUIRED", Form::kFlag},
    {0x000A0002, "EVENT_VBS_SECUREBOOT_REQUIRED", Form::kFlag},
    {0x000A0003, "EVENT_VBS_IOMMU_REQUIRED", Form::kFlag},
    {0x000A0004, "EVENT_VBS_MMIO_NX_REQUIRED", Form::kFlag},
    {0x000A0005, "EVENT_VBS_MSR_FILTERING_REQUIRED", Form::kFlag},
    {0x000A0006, "EVENT_VBS_MANDATORY_ENFORCEMENT", Form::kFlag},
    {0x000A0007, "EVENT_VBS_HVCI_POLICY", Form::kHvci},
    {0x000A0008, "EVENT_VBS_MICROSOFT_BOOT_CHAIN_REQUIRED", Form::kFlag},
    {0x000A0009, "EVENT_VBS_DUMP_USES_AMEROOT", Form::kFlag},
    {0x000A000A, "EVENT_VBS_VSM_NOSECRETS_ENFORCED", Form::kFlag},
});

json::Value Raw(const tcg::SipaEvent& event) {
  return json::Object{{"RawData", Base64UrlEncode(event.data)}};
}

json::Value Text(const tcg::SipaEvent& event) {
  // With the NUL that ends it, or several.
  View text = event.data;
  while (text.size() >= 2 && IsZero(text.last(2))) text = text.first(text.size() - 2);
  auto name = tcg::NameOfUtf16(text);
  return name ? json::Value(std::move(*name)) : Raw(event);
}

json::Value Hvci(std::uint64_t value) {
  json::Object out{{"Value", value}};
  // The one name that the documents tell.
  if (value == 1) out.emplace_back("String", "HypervisorEnforcedCodeIntegrityEnable");
  return out;
}

json::Value ValueOf(const tcg::SipaEvent& event, Form form) {
  if (event.is_container()) return SipaJson(event.inner);
  if (form == Form::kText) return Text(event);
  const auto number = tcg::SipaNumber(event);
  if (!number) return Raw(event);
  switch (form) {
    case Form::kFlag: return *number != 0;
    case Form::kNumber: return *number;
    case Form::kValue: return json::Object{{"Value", *number}};
    case Form::kHvci: return Hvci(*number);
    default: return Raw(event);
  }
}

const SipaName* FindName(std::uint32_t id) {
  const auto* const found = std::find_if(kSipaNames.begin(), kSipaNames.end(),
                                         [id](const SipaName& one) { return one.id == id; });
  return found == kSipaNames.end() ? nullptr : found;
}

bool AllTheSame(const json::Array& values) {
  const std::string first = json::Write(values.front());
  return std::all_of(values.begin(), values.end(),
                     [&first](const json::Value& one) { return json::Write(one) == first; });
}

}  // namespace

json::Object SipaJson(const std::vector<tcg::SipaEvent>& events) {
  std::vector<std::pair<const SipaName*, json::Array>> by_name;  // in order of first appearance
  for (const tcg::SipaEvent& event : events) {
    const SipaName* const name = FindName(event.id);
    if (name == nullptr) continue;
    auto found = std::find_if(by_name.begin(), by_name.end(),
                              [name](const auto& one) { return one.first == name; });
    if (found == by_name.end()) found = by_name.insert(found, {name, {}});
    found->second.push_back(ValueOf(event, name->form));
  }
  json::Object out;
  for (auto& [name, values] : by_name) {
    const bool one = name->form != Form::kEach && AllTheSame(values);
    out.emplace_back(name->name, one ? std::move(values.front()) : json::Value(std::move(values)));
  }
  return out;
}

}  // namespace assay::tpm
