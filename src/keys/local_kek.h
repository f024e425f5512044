// A key-encryption key in this process's memory: what a file of a passphrase holds.
#pragma once

#include "keys/key_encryption_key.h"

namespace assay::keys {

// `key` has 32 bytes. Wraps by AES-256-GCM.
KekPtr MakeLocalKek(std::string id, SecretBytes key);

}  // namespace assay::keys
