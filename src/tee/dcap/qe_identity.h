// Intel's identity of the quoting enclave. Source: Intel PCS API v4, "Get Quoting Enclave
// Identity".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tee/dcap/tcb_info.h"

namespace assay::dcap {

struct QeIdentity {
  std::string id;  // "QE" for SGX, "TD_QE" for TDX; version 1 has none and is QE
  std::int64_t version = 0;
  Time issue_date{}, next_update{};
  std::int64_t evaluation_data_number = 0;
  std::uint32_t misc_select = 0, misc_select_mask = 0;
  Bytes attributes, attributes_mask;  // 16
  Bytes mr_signer;                    // 32
  std::uint16_t isv_prod_id = 0;
  std::vector<IsvLevel> levels;
};

Result<QeIdentity> ParseQeIdentity(const json::Value& body);

}  // namespace assay::dcap
