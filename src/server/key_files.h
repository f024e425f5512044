// Keys and certificates as files: written so that a crash leaves the old or the new, never a part.
#pragma once

#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "crypto/signing_key.h"

namespace assay {

struct KeyPair {
  SigningKey key;
  CertificatePtr certificate;  // for key
};

Result<std::string> ReadWholeFile(const std::string& path);
// On disk when it returns: written beside, synchronised, renamed into place.
Result<void> WriteDurably(const std::string& path, std::string_view text, unsigned mode = 0644);

// A secret of `size` bytes, readable by its owner only; made at random when it is missing.
Result<SecretBytes> OpenSecretFile(const std::string& path, std::size_t size);

// The pair BASE.key, BASE.pem, made when it is missing; the certificate is made anew when it has
// expired or is of another issuer. `issuer` is null for a certificate that signs itself.
Result<KeyPair> OpenKeyPair(const std::string& base, KeyType type,
                            const CertificateRequest& request, const KeyPair* issuer);

}  // namespace assay
