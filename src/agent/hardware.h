// Confidential guests whose report comes from the processor: SEV-SNP and TDX, attested by Azure
// Attestation's API (docs/openapi.yaml: /attest/SevSnpVm, /attest/TdxVm).
#pragma once

#include <string>

#include "agent/service.h"
#include "agent/tsm_report.h"

namespace assay::agent {

enum class HardwareKind { kSnp, kTdx };

// The report binds SHA-256 of `runtime_data` (zeros behind it); a JSON object among the data
// appears in the token.
struct HardwareRequest {
  std::string action;  // path and query
  json::Value body;
};
Result<HardwareRequest> CollectHardware(HardwareKind kind, const TsmTree& tree, View runtime_data);

}  // namespace assay::agent
