// A signature on a PE image: which certificate verifies it, as UEFI firmware decides.
//
// Source: "Windows Authenticode Portable Executable Signature Format" (PKCS #7 SignedData over an
// SpcIndirectDataContent); UEFI 2.10 §32.4.1 (any certificate of the chain may be the anchor, and
// dates do not count).
#pragma once

#include <memory>

#include "base/result.h"
#include "crypto/certificate.h"

struct pkcs7_st;

namespace assay {

class AuthenticodeSignature {
 public:
  // DER; the padding that may follow it in a certificate table is passed over.
  static Result<AuthenticodeSignature> FromDer(View pkcs7);

  // The digest that it signs; its length tells the algorithm.
  const Bytes& image_digest() const { return image_digest_; }
  // The signer's chain ends in `anchor`, or passes through it, and every signature verifies.
  bool VerifiedBy(const Certificate& anchor) const;

 private:
  AuthenticodeSignature() = default;

  std::shared_ptr<pkcs7_st> pkcs7_;
  Bytes content_;  // SpcIndirectDataContent without its outer tag and length: what was signed
  Bytes image_digest_;
};

}  // namespace assay
