// What Intel writes into a PCK certificate about the platform (OID 1.2.840.113741.1.13.1).
// Source: "Intel SGX PCK Certificate and CRL Profile Specification" §1.3.5.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::dcap {

struct PckExtension {
  Bytes ppid;                                     // 16
  std::array<std::uint8_t, 16> component_svns{};  // SGX TCB components 1..16
  std::uint16_t pce_svn = 0;
  Bytes cpu_svn;               // 16
  Bytes pce_id;                // 2
  Bytes fmspc;                 // 6
  std::uint8_t sgx_type = 0;   // 0 standard, 1 scalable (TME-MK), 2 scalable with integrity
  Bytes platform_instance_id;  // 16, or empty: Processor CA certificates have none
  // Only in certificates of the Platform CA, and there optional.
  std::optional<bool> dynamic_platform, cached_keys, smt_enabled;
};

// `extension` is the content of the extension's extnValue.
Result<PckExtension> ParsePckExtension(View extension);

}  // namespace assay::dcap
