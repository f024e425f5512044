// How a released key is wrapped, so that only the holder of the runtime key can have it.
//
// PKCS #11's CKM_RSA_AES_KEY_WRAP (crypto/rsa_aes_key_wrap.h). The names that Azure Key Vault gives
// to it differ in the hash of OAEP, which is MGF1's too.
#pragma once

#include <optional>
#include <string_view>

#include "crypto/oaep.h"

namespace assay::release {

enum class KeyEncryption {
  kSha1,    // CKM_RSA_AES_KEY_WRAP
  kSha256,  // RSA_AES_KEY_WRAP_256
  kSha384,  // RSA_AES_KEY_WRAP_384
};

std::string_view Name(KeyEncryption encryption);
std::optional<KeyEncryption> KeyEncryptionOf(std::string_view name);
OaepHash HashOf(KeyEncryption encryption);

}  // namespace assay::release
