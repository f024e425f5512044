// A key with all its versions as a blob that this vault alone can take back.
//
//   {"backup": {"version": 1, "vault": ID, "kek": ID, "wrapped": ...},
//    "sealed": ...}
//
// "wrapped" is a data key of the blob's own under the key-encryption key that was in force;
// "sealed" is AES-256-GCM under it with the bytes of "backup" as additional data. So a blob
// outlives the database and rotations, as long as that KEK is kept.
#pragma once

#include <vector>

#include "keys/data_keys.h"
#include "keys/key_book.h"

namespace assay::keys {

struct BackedUpVersion {
  KeyVersion version;
  SecretBytes material;
};

struct BackedUpKey {
  KeyEntry entry;
  std::vector<BackedUpVersion> versions;
};

Result<Bytes> WriteBackup(DataKeys& data_keys, const BackedUpKey& key);
// An error says that the blob is of another vault, was changed, or that its KEK is gone.
Result<BackedUpKey> ReadBackup(DataKeys& data_keys, View blob);

}  // namespace assay::keys
