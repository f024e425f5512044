// The certificate table that a host hands over with an extended report (configfs-tsm: auxblob).
//
// Clause: GHCB specification 2.x, SNP extended guest request. The real tables seen hold PEM where
// the specification says DER: both are read.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"

namespace assay::snp {

// The ARK, ASK and VCEK or VLEK certificates in it; entries of other kinds are passed over.
// Untrusted, like all collateral.
Result<std::vector<CertificatePtr>> ParseCertificateTable(View table);

}  // namespace assay::snp
