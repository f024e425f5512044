// The tokens that carry a change of a policy, or of the certificates that may change policies:
// compact JSON Web Signatures, signed or unsecured (Azure Attestation REST API 2022-08-01,
// Policy_Set, PolicyCertificates_Add; RFC 7515, RFC 7519 section 6).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "crypto/certificate.h"
#include "provider/provider.h"

namespace assay {

struct ManagementToken {
  std::string text;       // as it came: what x-ms-policy-token-hash is of, and what GET gives back
  std::string payload;    // decoded; empty for an empty one
  CertificatePtr signer;  // null: unsecured
};

// What a provider of this model admits. Isolated: only what one of `certificates` has signed. AAD:
// unsecured, or signed by whatever key the token brings, which proves that it is whole and who may
// be asked about it. A certificate has to be valid at `now`, and a payload's `exp` in the future.
Result<ManagementToken> ReadManagementToken(std::string_view text, TrustModel model,
                                            std::span<const CertificatePtr> certificates, Time now);

// The policy in the payload's AttestationPolicy, base64url of its text.
Result<std::string> PolicyOf(const ManagementToken& token);
// A reset brings no policy. A token that was signed to set one, or for a certificate, must not do.
Result<void> CheckReset(const ManagementToken& token);
// The certificate to add or remove: policyCertificate, a JSON Web Key with x5c. Also under the
// names that older documents give it, maa-policyCertificate and x-ms-policyCertificate.
Result<CertificatePtr> CertificateOf(const ManagementToken& token);

// The unsecured token of a policy: {"alg":"none"}, the form in which Azure gives back a default.
// Without a policy the payload is empty.
std::string UnsecuredPolicyToken(std::string_view policy);
// The policy's text of a token that was accepted before.
Result<std::string> StoredPolicyText(std::string_view token);

}  // namespace assay
