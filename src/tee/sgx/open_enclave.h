// Open Enclave's wrappers around an SGX quote. Source: openenclave
// include/openenclave/internal/report.h and docs/DesignDocs.
//
// - OE report: u32 version 1, u32 type 2 (remote), u64 size, then the quote.
// - RA-TLS certificate: X.509 extension 1.2.840.113556.10.1.1 holds an OE report or a bare quote.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace assay::sgx {

bool LooksLikeOeReport(View evidence);
bool LooksLikeRaTlsCertificate(View evidence);

// The quote inside an OE report, with whatever stands behind it.
Result<View> UnwrapOeReport(View evidence);
// The OE report or quote inside a certificate.
Result<Bytes> UnwrapRaTlsCertificate(View evidence);

}  // namespace assay::sgx
