// Key material, ready to be used.
#pragma once

#include <optional>

#include "crypto/asymmetric_key.h"
#include "crypto/secret.h"
#include "keys/key.h"

namespace assay::keys {

// Immutable; usable from many threads.
struct KeyMaterial {
  std::optional<AsymmetricKey> pair;  // RSA, EC
  SecretBytes oct;
};

// From what Unseal gives.
Result<KeyMaterial> OpenMaterial(KeyKind kind, const SecretBytes& secret);

// 32 hexadecimal digits.
Result<std::string> NewVersionId();

}  // namespace assay::keys
