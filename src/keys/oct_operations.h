// Encryption and key wrapping with oct keys.
//
//   encrypt, decrypt    A*GCM, A*CBC, A*CBCPAD
//   wrapKey, unwrapKey  A*KW, CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD
#pragma once

#include "keys/operations.h"

namespace assay::keys {

Outcome<void> PerformOct(const UsableKey& key, std::size_t key_bytes,
                         const OperationRequest& request, OperationResult& out);

}  // namespace assay::keys
