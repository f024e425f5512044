#include "keys/release_export.h"

#include <fmt/format.h>

namespace assay::keys {

Outcome<KeyVersion> FindReleasable(Vault& vault, std::string_view name, std::string_view version) {
  KeyVersion out = TRY(vault.Get(name, version));
  if (!out.attributes.enabled) {
    return Refuse(FaultKind::kDisabled, "Operation release is not allowed on a disabled key.");
  }
  if (!out.attributes.exportable || !out.release_policy) {
    return Refuse(FaultKind::kNotExportable,
                  fmt::format("key {}/{}: it is not exportable, and never leaves the vault",
                              out.name, out.version));
  }
  return out;
}

Outcome<Bytes> ExportForRelease(Vault& vault, const KeyVersion& released, const PublicKey& to,
                                OaepHash hash) {
  // As it is now, and not as it was when its policy was read.
  const KeyVersion now = TRY(FindReleasable(vault, released.name, released.version));
  if (now.release_policy != released.release_policy) {
    return Refuse(FaultKind::kConflict, "the key's release policy was changed meanwhile");
  }
  const UsableKeyPtr key = TRY(vault.OpenKey(now));
  return key->Release(to, hash);
}

}  // namespace assay::keys
