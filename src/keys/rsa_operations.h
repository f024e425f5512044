// Encryption and key wrapping with RSA keys: for RSA, the two are one.
#pragma once

#include "keys/operations.h"

namespace assay::keys {

Outcome<void> PerformRsa(const UsableKey& key, bool allow_rsa1_5, const OperationRequest& request,
                         OperationResult& out);

}  // namespace assay::keys
