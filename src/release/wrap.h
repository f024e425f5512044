// A released key, wrapped so that only the holder of the runtime key can have it.
//
// PKCS #11's CKM_RSA_AES_KEY_WRAP: an AES-256 key that is made here and gone afterwards, under
// RSA-OAEP; behind it the released key under that AES key, by AES-KWP (RFC 5649). The names that
// Azure Key Vault gives to it differ in the hash of OAEP, which is MGF1's too.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace assay::release {

enum class KeyEncryption {
  kSha1,    // CKM_RSA_AES_KEY_WRAP
  kSha256,  // RSA_AES_KEY_WRAP_256
  kSha384,  // RSA_AES_KEY_WRAP_384
};

std::string_view Name(KeyEncryption encryption);
std::optional<KeyEncryption> KeyEncryptionOf(std::string_view name);

// `material` is PKCS #8 of an RSA or EC key, or the bytes of a symmetric one.
Result<Bytes> WrapReleased(KeyEncryption encryption, const PublicKey& to, View material);

}  // namespace assay::release
