// The TD report body of a TDX quote: 584 bytes (TD 1.0), 648 (TD 1.5) or 885 (TD 1.5Ex).
// Source: "Intel TDX DCAP Quoting Library API", TD quote body descriptors; TD 1.5Ex: the structures
// of Intel's quote verification library (body type 4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "tee/dcap/quote.h"
#include "tee/dcap/tcb_info.h"

namespace assay::tdx {

// What TD 1.5Ex adds: the TD's identity on its machine, its devices, and the service TDs bound to
// it when it was built and now.
struct TdReportEx {
  std::uint8_t vm_id = 0;              // of the virtual machine inside a partitioned TD
  View td_id;                          // 32
  View device_info;                    // 48
  View init_service_td_hash;           // 48
  View init_service_td_attributes;     // 8
  View init_cpu_svn;                   // 16
  View init_tee_tcb_svn;               // 16
  View init_tee_fmspc;                 // 12
  View current_service_td_hash;        // 48
  View current_service_td_attributes;  // 8
};

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
  std::optional<TdReportEx> ex;                  // TD 1.5Ex

  bool debug() const { return (ToU8(td_attributes[0]) & 0x01U) != 0; }
};

// `body` must outlive the report. `type` is one of the TD bodies.
Result<TdReport> ParseTdReport(View body, dcap::BodyType type);

}  // namespace assay::tdx
