// The one way by which key material leaves a vault: wrapped to the key of a TEE, by the vault or by
// the HSM that holds it. For the release path alone, which has judged the tokens by the version's
// release policy.
#pragma once

#include "keys/vault.h"

namespace assay::keys {

// A version that may be released: enabled and exportable. Nothing is opened yet: its policy is
// asked first. Dates do not matter, as in Azure ("Date-time controlled operations").
Outcome<KeyVersion> FindReleasable(Vault& vault, std::string_view name, std::string_view version);

// PKCS #8 of RSA and EC keys, the bytes of oct keys, by CKM_RSA_AES_KEY_WRAP.
Outcome<Bytes> ExportForRelease(Vault& vault, const KeyVersion& released, const PublicKey& to,
                                OaepHash hash);

}  // namespace assay::keys
