// The data keys of a vault, and the key-encryption key they are wrapped under.
//
//   vault           {"id": ..., "kek": ID}: the KEK that is in force
//   data-key/XX     {"id": ..., "kek": ID, "wrapped": ...}
//
// A key's material is under the data key of the first byte of its name's SHA-256. So there are 256
// at most, each made when it is first needed; they stay when keys come and go, and a rotation of
// the KEK wraps them anew, one commit each, without touching any material. A process that dies
// between two of those commits leaves some under the old KEK and some under the new: each says
// which.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "keys/key_encryption_key.h"
#include "store/store.h"

namespace assay::keys {

struct DataKey {
  std::string id;  // 32 hexadecimal digits
  SecretBytes key;
};

// Safe for concurrent use, also by other processes at the same store. Store and keeper outlive it.
class DataKeys {
 public:
  // Makes the vault and its first KEK when the store has none. An error when the KEK in force
  // cannot be had: a vault that cannot read its keys does not start.
  static Result<std::unique_ptr<DataKeys>> Open(store::Store& store, KekKeeper& keeper);

  const std::string& vault_id() const { return vault_id_; }
  // The one for that name, made if there is none.
  Result<std::shared_ptr<const DataKey>> ForName(std::string_view name);
  // The KEK in force.
  Result<KekPtr> CurrentKek();
  Result<KekPtr> FindKek(const std::string& id) { return keeper_.Find(id); }

  // A new KEK for all data keys. `go_on` is asked after each step; false ends it there, as a crash
  // would: for tests; may be empty. The id of the new KEK.
  Result<std::string> RotateKek(const std::function<bool()>& go_on);
  // Wraps what an interrupted rotation left under an older KEK. How many there were.
  Result<std::size_t> FinishRotation(const std::function<bool()>& go_on);

 private:
  struct InForce {
    std::string kek;
    std::uint64_t revision = 0;
  };

  DataKeys(store::Store& store, KekKeeper& keeper, std::string vault_id)
      : store_(store), keeper_(keeper), vault_id_(std::move(vault_id)) {}
  Result<InForce> ReadVault();
  Result<std::shared_ptr<const DataKey>> Load(const std::string& shard);
  Result<void> Create(const std::string& shard);
  Result<bool> Rewrap(const store::Entry& entry, const InForce& in_force);
  Bytes ContextOf(std::string_view shard, std::string_view id) const;

  store::Store& store_;
  KekKeeper& keeper_;
  const std::string vault_id_;
  std::mutex mutex_;  // guards known_; never held while the store or a KEK is asked
  std::map<std::string, std::shared_ptr<const DataKey>> known_;  // by shard
};

}  // namespace assay::keys
