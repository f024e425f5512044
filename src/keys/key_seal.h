// How a version's key material rests: AES-256-GCM under a data key, bound to the version's name,
// id and metadata.
//
//   1 byte     1: this format
//   16 bytes   id of the data key
//   28 bytes   IV and tag (crypto/aes_gcm.h)
//   the rest   PKCS #8, or the bytes of an oct key
//
// The additional data is "assay key material 1", the vault's id and the SHA-256 of the metadata as
// it is written (key_json.h), which begins with name and version.
#pragma once

#include "crypto/secret.h"
#include "keys/data_keys.h"
#include "keys/key.h"

namespace assay::keys {

// Sets version.sealed. All else of the version has its final value.
Result<void> Seal(DataKeys& data_keys, KeyVersion& version, const SecretBytes& material);

// An error when material or metadata are not what was sealed: somebody wrote to the store who
// cannot read it.
Result<SecretBytes> Unseal(DataKeys& data_keys, const KeyVersion& version);

}  // namespace assay::keys
