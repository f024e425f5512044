// Confidential guests whose report comes from the processor: SEV-SNP and TDX, attested by Azure
// Attestation's API (docs/openapi.yaml: /attest/SevSnpVm, /attest/TdxVm).
#pragma once

#include <string>

#include "base/json.h"
#include "guest/tsm_report.h"

namespace assay {

enum class HardwareKind { kSnp, kTdx };

// The report binds SHA-256 of `runtime_data` (zeros behind it); a JSON object among the data
// appears in the token.
struct HardwareRequest {
  std::string action;  // path and query
  json::Value body;
};
// kInvalidArgument when the report is not of that kind.
Result<HardwareRequest> HardwareRequestOf(HardwareKind kind, const TsmReport& report,
                                          View runtime_data);
Result<HardwareRequest> CollectHardware(HardwareKind kind, const TsmTree& tree, View runtime_data);

// What a report's input must be to bind the data.
Bytes HardwareInputFor(View runtime_data);
// None when the kernel's name for it is of neither.
std::optional<HardwareKind> HardwareKindOf(const TsmReport& report);

}  // namespace assay
