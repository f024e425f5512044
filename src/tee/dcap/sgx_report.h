// The SGX report body, 384 bytes: of an enclave in an SGX quote, and of the quoting enclave in
// every DCAP quote. Source: Intel SDM vol. 3D, REPORT; DCAP API Appendix A.4.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::dcap {

inline constexpr std::size_t kSgxReportSize = 384;

struct SgxReport {
  View cpu_svn;  // 16
  std::uint32_t misc_select = 0;
  View isv_ext_prod_id;  // 16 (KSS)
  View attributes;       // 16: flags u64, XFRM u64
  View mr_enclave;       // 32
  View mr_signer;        // 32
  View config_id;        // 64 (KSS)
  std::uint16_t isv_prod_id = 0;
  std::uint16_t isv_svn = 0;
  std::uint16_t config_svn = 0;
  View isv_family_id;  // 16 (KSS)
  View report_data;    // 64

  bool initialised() const { return (ToU8(attributes[0]) & 0x01U) != 0; }
  bool debug() const { return (ToU8(attributes[0]) & 0x02U) != 0; }
};

// `body` must outlive the report.
Result<SgxReport> ParseSgxReport(View body);

}  // namespace assay::dcap
