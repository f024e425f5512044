// The key that a released key is wrapped to: the one that the attested environment holds.
#pragma once

#include <string>

#include "base/json.h"
#include "crypto/public_key.h"
#include "release/reason.h"

namespace assay::release {

struct RuntimeKey {
  std::string kid;
  PublicKey key;  // RSA
};

// The first RSA key for encryption in the token's own x-ms-runtime.keys, as Azure Key Vault chooses
// ("Environment Assertion" in its policy grammar). A key of another place, such as
// x-ms-isolation-tee.x-ms-runtime, is the paravisor's and not the workload's, and never taken.
//
// For encryption is a key whose `use` or `key_use` is "enc", or whose key_ops hold "encrypt" or
// "wrapKey". A key that says both that and its contrary, and a second one of the same kid, are
// refused as ambiguous: the answer names the key by its kid only.
Judged<RuntimeKey> FindRuntimeKey(const json::Value& claims);

}  // namespace assay::release
