// What NCryptCreateClaim of Windows returns for NCRYPT_CLAIM_PLATFORM: a quote with its PCRs.
//
// Source: ncrypt.h of the Windows SDK, NCRYPT_TPM_PLATFORM_ATTESTATION_STATEMENT version 0: a
// header of little-endian words, the signature, the quote, the 24 PCRs one behind the other.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tcg/hash_algorithm.h"
#include "tee/tcg/replay.h"

namespace assay::tpm {

struct PlatformClaim {
  tcg::HashAlgorithm bank = tcg::HashAlgorithm::kSha256;
  View signature;  // TPMT_SIGNATURE
  View quote;      // TPMS_ATTEST
  tcg::PcrValues pcrs;
};
Result<PlatformClaim> ParsePlatformClaim(View bytes);

}  // namespace assay::tpm
