// Keys for this machine: it attests, and asks for the release of each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/protocol.h"
#include "agent/release_answer.h"
#include "crypto/secret.h"

namespace assay::agent {

struct ReleasedKey {
  std::string kid;       // with its version
  std::string kty;       // "oct", "RSA", "EC"
  SecretBytes material;  // the bytes of an oct key, PKCS #8 of the others
};

// All keys, or why one was not had; then `keys` is empty.
struct Released {
  Said said;          // of the attestation, or of the key that was refused
  std::string token;  // of the attestation
  std::vector<ReleasedKey> keys;
};

// One attestation for all keys. They come wrapped to a key that the TPM holds until it is reset,
// and that it certified by the attestation key. `authorities` are those of the vault.
Result<Released> ReleaseKeys(const Machine& machine, const Service& service,
                             std::span<const KeyAddress> keys,
                             std::span<const CertificatePtr> authorities);

// A key as a program reads it: PEM of PKCS #8, but the bytes themselves of an oct key.
SecretBytes AsFileContent(const ReleasedKey& key);

}  // namespace assay::agent
