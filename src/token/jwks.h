// The key set under which tokens are checked (RFC 7517), as Azure Attestation's /certs gives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "crypto/certificate.h"
#include "crypto/signing_key.h"

namespace assay {

struct TokenSigner {
  SigningKey key;
  CertificatePtr certificate;  // for key
};

// Base64url of the SHA-256 of the certificate: names the key and pins its certificate.
std::string KeyId(const Certificate& certificate);

// RFC 7638: names a key that has no certificate.
std::string Thumbprint(const PublicParameters& parts);
Result<std::string> Thumbprint(const SigningKey& key);

// The public half as a JSON Web Key for signatures.
Result<json::Object> PublicJwk(const SigningKey& key, std::string_view kid);

Result<json::Value> KeySet(const std::vector<TokenSigner>& signers);

}  // namespace assay
