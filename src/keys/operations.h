// What a vault does with a key for those who never see it.
#pragma once

#include <string>

#include "keys/vault.h"

namespace assay::keys {

struct OperationRequest {
  Operation operation = Operation::kEncrypt;
  std::string algorithm;              // "RSA-OAEP-256"
  Bytes value = {};                   // text, digest or key
  Bytes iv = {}, aad = {}, tag = {};  // of AES-GCM and AES-CBC
  Bytes signature = {};               // of verify
};

struct OperationResult {
  KeyVersion key;     // that did it
  SecretBytes value;  // empty for verify
  Bytes iv, aad, tag;
  bool valid = false;  // of verify
};

// An empty version means the current one. Refused: a disabled key; encrypt, wrapKey and sign before
// nbf and after exp (the others stay, so that nothing is lost); what key_ops does not name;
// algorithms of another kind of key, size or curve.
Outcome<OperationResult> Perform(Vault& vault, std::string_view name, std::string_view version,
                                 const OperationRequest& request, Time now);

}  // namespace assay::keys
