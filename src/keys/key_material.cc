#include "keys/key_material.h"

#include "base/encoding.h"
#include "crypto/signing_key.h"

namespace assay::keys {

Result<KeyMaterial> OpenMaterial(KeyKind kind, const SecretBytes& secret) {
  KeyMaterial out;
  if (kind == KeyKind::kOct) {
    out.oct = SecretBytes(secret.view());
  } else {
    out.pair = TRY(AsymmetricKey::FromPkcs8(secret.view()));
  }
  return out;
}

Result<std::string> NewVersionId() { return HexEncode(TRY(RandomBytes(16))); }

}  // namespace assay::keys
