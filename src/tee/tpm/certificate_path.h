// From a certificate up to a pinned authority: path, dates, revocation. The same for attestation
// keys, endorsement keys and device identities; only the names of the checks differ.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tee/core/scheme.h"

namespace assay::tpm {

// Names of checks: literals, as every trace wants them.
struct PathChecks {
  std::string_view chain, dates, crl_present, revoked;
};
inline constexpr PathChecks kAkPath = {"ak.chain", "ak.dates", "ak_crl.present", "ak.revoked"};
inline constexpr PathChecks kEkPath = {"ek.chain", "ek.dates", "ek_crl.present", "ek.revoked"};
inline constexpr PathChecks kIakPath = {"iak.chain", "iak.dates", "iak_crl.present", "iak.revoked"};
inline constexpr PathChecks kIdevidPath = {"idevid.chain", "idevid.dates", "idevid_crl.present",
                                           "idevid.revoked"};

// `given` is not empty, leaf first; issuers come from it and from the collateral. Revocation is
// looked at only on a path that ends at one of `anchors` (SHA-256 of SPKI): no other list counts.
void CheckCertificatePath(const std::vector<CertificatePtr>& given,
                          std::span<const Sha256Digest> anchors, const PathChecks& names,
                          const VerifyInput& input, Trace& trace);

// Whether there is such a path, whatever its dates.
bool LeadsTo(const std::vector<CertificatePtr>& given, std::span<const Sha256Digest> anchors,
             const VerifyInput& input);

// Whether extendedKeyUsage (RFC 5280 section 4.2.1.12) is there and names that purpose.
bool HasPurpose(const Certificate& certificate, std::string_view oid);

inline constexpr std::string_view kChainClause = "RFC 5280 section 6.1; TCG EK Credential Profile";

}  // namespace assay::tpm
