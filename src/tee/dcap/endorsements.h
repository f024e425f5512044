// What Intel says about the platform of a quote, gathered from the quote and the collateral.
// Nothing here is verified yet, though what the vendor did sign is preferred: checks.h verifies.
#pragma once

#include <memory>
#include <string>

#include "crypto/certificate.h"
#include "tee/core/scheme.h"
#include "tee/dcap/pck_extension.h"
#include "tee/dcap/quote.h"
#include "tee/dcap/signed_document.h"

namespace assay::dcap {

// The certificate chain inside a quote (certification data type 5).
struct PckChain {
  CertificatePtr leaf, intermediate, root;
  PckExtension platform;
};

// Members are null where nothing suitable was found.
struct Endorsements {
  std::shared_ptr<const PckChain> chain;
  std::string chain_problem;  // why chain is null
  std::shared_ptr<const SignedDocument> tcb_info, qe_identity;
  CertificatePtr tcb_info_signer, qe_identity_signer;
  bool tcb_info_signed = false, qe_identity_signed = false;  // by the key of that signer
  CrlPtr root_crl, pck_crl;
};

Endorsements GatherEndorsements(const Quote& quote, const VerifyInput& input);

// Some list of the collateral that `issuer` signed revokes `subject`, of whatever date: a
// revocation does not age, and an older list without it that is still valid does not take it back.
bool RevokedByAny(const Certificate& subject, const Certificate& issuer, const VerifyInput& input);

// Whose documents and lists these must be, by the PCK certificate in the quote; nothing when it
// carries none, or one of neither CA.
CollateralNeeds NeedsOf(const Quote& quote, VerifyCache& cache);

}  // namespace assay::dcap
