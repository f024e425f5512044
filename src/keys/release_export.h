// The one way by which key material leaves a vault. For the release path alone, which has judged
// the tokens by the version's release policy, and wraps the material to the key of the TEE.
#pragma once

#include "keys/vault.h"

namespace assay::keys {

// A version that may be released: enabled and exportable. Nothing is opened yet: its policy is
// asked first. Dates do not matter, as in Azure ("Date-time controlled operations").
Outcome<KeyVersion> FindReleasable(Vault& vault, std::string_view name, std::string_view version);

// PKCS #8 of RSA and EC keys, the bytes of oct keys.
Outcome<SecretBytes> ExportForRelease(Vault& vault, const KeyVersion& released);

}  // namespace assay::keys
