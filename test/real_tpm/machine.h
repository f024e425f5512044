// A machine with a real TPM, its maker's hierarchy, and what an enrolment needs of both. Each part
// can be made wrongly, so that one check fails and no other.
#pragma once

#include <optional>
#include <string>

#include "crypto/certificate_builder.h"
#include "monitor/enrolment.h"
#include "real_tpm/tpm_in_process.h"

namespace assay::testing {

inline constexpr Time kNow{std::chrono::seconds{1'750'420'800}};

// TPMT_PUBLIC templates of P-256 keys, with these attributes.
Bytes StorageTemplate(std::uint32_t attributes = 0x00030072);
Bytes SigningTemplate(std::uint32_t attributes = 0x00050072);

struct Maker {
  VendorKey key;
  CertificatePtr root;

  static Maker Make();
  CertificatePtr Certify(const TpmObject& object, const CertificateSpec& spec) const;
  Collateral CollateralWith(std::vector<CertificatePtr> revoked = {}) const;
};

// Specifications of leaf certificates that are right.
CertificateSpec EkSpec();
CertificateSpec DeviceSpec(std::string_view serial = "TPM-0001");

// The tpm/1 document of such a quote.
Bytes Evidence(const TpmObject& ak, const TpmInProcess::SignedQuote& quote);

}  // namespace assay::testing
