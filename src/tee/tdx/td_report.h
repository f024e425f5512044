// The TD report body of a TDX quote: 584 bytes (TD 1.0) or 648 (TD 1.5).
// Source: "Intel TDX DCAP Quoting Library API", TD quote body descriptors.
#pragma once

#include <array>
#include <optional>

#include "tee/dcap/tcb_info.h"

namespace assay::tdx {

struct TdReport {
  dcap::Svns tee_tcb_svn{};
  View mr_seam;                                  // 48
  View mr_signer_seam;                           // 48: zero for Intel's module
  View seam_attributes;                          // 8
  View td_attributes;                            // 8
  View xfam;                                     // 8
  View mr_td;                                    // 48
  View mr_config_id, mr_owner, mr_owner_config;  // 48
  std::array<View, 4> rtmr;                      // 48
  View report_data;                              // 64
  std::optional<dcap::Svns> tee_tcb_svn_2;       // TD 1.5
  View mr_service_td;                            // 48, TD 1.5

  bool debug() const { return (ToU8(td_attributes[0]) & 0x01U) != 0; }
};

// `body` must outlive the report.
Result<TdReport> ParseTdReport(View body, bool td15);

}  // namespace assay::tdx
