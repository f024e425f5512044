// Key material that the vault itself holds: what clients bring, what is made here, and how it is
// used.
#pragma once

#include <optional>
#include <string>

#include "crypto/asymmetric_key.h"
#include "crypto/secret.h"
#include "keys/key.h"
#include "keys/usable_key.h"

namespace assay::keys {

// Key material with its public half.
struct ImportedKey {
  KeyKind kind = KeyKind::kRsa;
  std::optional<AsymmetricKey> pair;  // RSA, EC
  SecretBytes oct;
  bool hsm = false;  // to be held by an HSM
};

// Takes its time for RSA, so it is done once, before the store is asked.
Outcome<ImportedKey> GenerateKey(const KeySpec& spec);
// Refuses sizes that no key of the API has.
Outcome<PublicHalf> PublicHalfOf(const ImportedKey& key);
Outcome<void> CheckOctBits(unsigned bits);

// What is sealed: PKCS #8, or the bytes of an oct key.
Outcome<SecretBytes> SecretOf(const ImportedKey& key);
// From that.
Outcome<UsableKeyPtr> OpenMaterial(KeyKind kind, SecretBytes secret);

// 32 hexadecimal digits.
Result<std::string> NewVersionId();

}  // namespace assay::keys
