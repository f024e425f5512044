// Claims and decoded fields that SGX and TDX share.
#pragma once

#include <optional>

#include "tee/dcap/checks.h"

namespace assay::dcap {

// fmspc, tcb_status, advisory_ids, tcb_date, tcb_evaluation_data_number, platform data of the PCK
// and the SHA-256 of each piece of collateral used.
void AppendPlatformClaims(const Quote& quote, const std::optional<TdTcb>& td,
                          const VerifyInput& input, Claims& out);

// Header and signature data, for `inspect`.
void AppendQuoteDescription(const Quote& quote, json::Object& out);
void AppendSgxReport(const SgxReport& report, json::Object& out);

}  // namespace assay::dcap
