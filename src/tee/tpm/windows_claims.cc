#include "tee/tpm/windows_claims.h"

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "tee/tcg/windows_boot.h"

namespace assay::tpm {
namespace {

json::Object Stated(const tcg::WindowsBoot& boot) {
  json::Object out;
  const auto add = [&out](std::string name, const auto& value) {
    if (value) out.emplace_back(std::move(name), *value);
  };
  add("code_integrity", boot.code_integrity);
  add("boot_debugging", boot.boot_debugging);
  add("kernel_debugging", boot.kernel_debugging);
  add("hypervisor_debugging", boot.hypervisor_debugging);
  add("test_signing", boot.test_signing);
  add("flight_signing", boot.flight_signing);
  add("safe_mode", boot.safe_mode);
  add("winpe", boot.winpe);
  add("bitlocker_unlocked", boot.bitlocker_unlocked);
  add("hypervisor_launch_type", boot.hypervisor_launch_type);
  add("vsm_launch_type", boot.vsm_launch_type);
  add("vsm_required", boot.vsm_required);
  add("vbs_secure_boot_required", boot.vbs_secure_boot_required);
  add("vbs_iommu_required", boot.vbs_iommu_required);
  add("hvci_policy", boot.hvci_policy);
  add("data_execution_prevention", boot.data_execution_prevention);
  add("driver_load_policy", boot.driver_load_policy);
  json::Array drivers, keys;
  for (const std::string& name : boot.elam_drivers) drivers.emplace_back(name);
  for (const View key : boot.idks) keys.emplace_back(HexEncode(Sha256(key)));
  out.emplace_back("elam_drivers", std::move(drivers));
  out.emplace_back("vbs_idks_sha256", std::move(keys));
  return out;
}

}  // namespace

void AddWindowsClaims(const tcg::EventLog& log, const tcg::PcrValues& quoted, Claims& out) {
  if (!tcg::WindowsPcrsAmong(log, quoted)) return;
  const auto boot = tcg::ReadWindowsBoot(log);
  if (boot && boot->has_value()) out.emplace_back("windows", Stated(**boot));
}

}  // namespace assay::tpm
