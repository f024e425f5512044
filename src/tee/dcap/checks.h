// The checks that SGX and TDX quotes share, in the order of the chain of trust: root, CRLs, PCK,
// quoting enclave, attestation key, quote; then Intel's documents and the TCB status.
#pragma once

#include <optional>

#include "tee/core/scheme.h"
#include "tee/dcap/endorsements.h"
#include "tee/dcap/sgx_report.h"
#include "tee/dcap/tcb_evaluation.h"

namespace assay::dcap {

// The PCK chain up to a pinned root, its dates and its revocation lists.
void CheckPckChain(const Quote& quote, const Endorsements& endorsements, const VerifyInput& input,
                   Trace& trace);

// The quoting enclave's vendor, QE report signature by the PCK, binding of the attestation key to
// the QE report, quote signature.
void CheckQuoteSignatures(const Quote& quote, const Endorsements& endorsements,
                          const VerifyInput& input, Trace& trace);

// Signature, signer, dates and addressee of TCB info and QE identity.
void CheckDocuments(const Quote& quote, const Endorsements& endorsements, const VerifyInput& input,
                    Trace& trace);

// The QE is the one Intel describes, and the TCB status is one to trust.
void CheckTcb(const Quote& quote, const Endorsements& endorsements, const std::optional<TdTcb>& td,
              Trace& trace);

// REPORTDATA as the caller expects it, and nothing unexplained behind the quote.
void CheckReportData(View report_data, ByteRange where, const VerifyInput& input, Trace& trace);
void CheckTrailing(const Quote& quote, View report_data, Trace& trace);

// All of the above in order.
void CheckQuote(const Quote& quote, const std::optional<TdTcb>& td, const VerifyInput& input,
                Trace& trace);

}  // namespace assay::dcap
