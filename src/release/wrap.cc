#include "release/wrap.h"

#include <algorithm>
#include <array>

namespace assay::release {
namespace {

struct Encryption {
  KeyEncryption encryption;
  std::string_view name;
  OaepHash hash;
};

// KeyEncryptionAlgorithm of the Key Vault REST API, 7.3 and later.
constexpr std::array<Encryption, 3> kEncryptions = {{
    {KeyEncryption::kSha1, "CKM_RSA_AES_KEY_WRAP", OaepHash::kSha1},
    {KeyEncryption::kSha256, "RSA_AES_KEY_WRAP_256", OaepHash::kSha256},
    {KeyEncryption::kSha384, "RSA_AES_KEY_WRAP_384", OaepHash::kSha384},
}};

const Encryption& Find(KeyEncryption encryption) {
  return *std::find_if(kEncryptions.begin(), kEncryptions.end(),
                       [encryption](const Encryption& e) { return e.encryption == encryption; });
}

}  // namespace

std::string_view Name(KeyEncryption encryption) { return Find(encryption).name; }

std::optional<KeyEncryption> KeyEncryptionOf(std::string_view name) {
  for (const Encryption& one : kEncryptions) {
    if (one.name == name) return one.encryption;
  }
  return std::nullopt;
}

OaepHash HashOf(KeyEncryption encryption) { return Find(encryption).hash; }

}  // namespace assay::release
