// SIGSTRUCT: what the signer of an SGX enclave states of it, the measurement first of all.
//
// Source: Intel SDM Vol. 3D, "Enclave Signature Structure (SIGSTRUCT)" (the layout) and "EINIT"
// (what the processor checks of it). The quotients Q1 and Q2, which only help the processor to
// verify, are not signed and not checked.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace assay::measure {

inline constexpr std::size_t kSigstructBytes = 1808;

struct Sigstruct {
  Sha256Digest mrenclave{};  // ENCLAVEHASH
  Sha256Digest mrsigner{};   // SHA-256 of MODULUS as it stands
  std::uint16_t isv_prod_id = 0, isv_svn = 0;
  std::uint64_t attributes = 0, attributes_mask = 0;  // the flags; XFRM is not shown
  std::uint32_t date = 0;                             // BCD: 0x20261126

  // ATTRIBUTES.DEBUG may be set in an enclave that starts with this signature.
  bool AllowsDebug() const;
};

// An error unless its signature is that of its own key, and everything else is as EINIT demands. So
// the values are what the owner of `mrsigner` signed; whether that is who you think, compare.
Result<Sigstruct> ReadSigstruct(View bytes);

}  // namespace assay::measure
