// Certification requests (PKCS #10, RFC 2986): a public key, proof of its private half, and the
// names that its certificate shall have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "crypto/signing_key.h"

namespace assay {

struct SigningRequest {
  PublicKey key;  // RSA of 2048 bits or more, or EC on P-256 or P-384
  std::vector<std::string> dns_names;
};

// A DER request that its own key has signed. Of subjectAltName only dNSName is known, and another
// name is an error: it would be missing in the certificate without a word. Its subject is not read.
Result<SigningRequest> ParseSigningRequest(View der);

Result<Bytes> MakeSigningRequest(const SigningKey& key, const std::vector<std::string>& dns_names);

// A host name as certificates have it (RFC 1123 §2.1): labels of letters, digits and hyphens, at
// least one of them no number. No wildcards.
bool IsDnsName(std::string_view name);

}  // namespace assay
