// What no verifier can do without: the bare signature operation, as OpenSSL alone does it.
#pragma once

#include <functional>

namespace assay::bench {

// One ECDSA verification, key and context prepared once, the digest given.
std::function<void()> EcdsaVerification(const char* curve);
// One RSA-2048 signature with PKCS #1 v1.5 and SHA-256 (RS256), the digest given.
std::function<void()> Rs256Signing();
// One verification of such a signature.
std::function<void()> Rs256Verification();
// One encryption of 32 bytes by RSA-2048 with OAEP and SHA-256.
std::function<void()> OaepEncryption();

}  // namespace assay::bench
