// A vault: keys by name, with versions, and what is done with them. What Azure Key Vault's API
// means, without HTTP.
//
// Safe for concurrent use, also by other processes at the same store: whatever was answered is in
// the store, and each answer holds at some moment between its request and itself.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/lru_map.h"
#include "keys/backup.h"
#include "keys/data_keys.h"
#include "keys/key.h"
#include "keys/key_book.h"
#include "keys/key_home.h"
#include "keys/key_material.h"
#include "keys/rotation_policy.h"
#include "store/store.h"

namespace assay::keys {

struct VaultOptions {
  int retention_days = limits::kKeyRetentionMostDays;  // of deleted keys
  bool allow_rsa1_5 = false;                           // PKCS #1 v1.5 encryption
  // Asked before a release policy is kept; may be empty: then it only has to be JSON.
  std::function<Result<void>(const ReleasePolicy&)> check_release_policy;
};

// What a client may say of a key. What it leaves out is as before, or the default.
struct KeyProperties {
  std::optional<bool> enabled;
  std::optional<Time> not_before, expires;
  std::optional<bool> exportable;
  std::optional<std::vector<std::string>> operations;
  std::optional<Tags> tags;
  std::optional<ReleasePolicy> release_policy;
};

// A new key and what it was made for, kept from one try to the next.
struct GeneratedKey {
  KeySpec spec;
  bool exportable = false;
  NewKey key;
};

struct DeletedKey {
  KeyVersion current;
  Deletion deletion;
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next;  // where the next one begins; empty: this is the last
};

// What the sweep did.
struct Swept {
  std::vector<std::string> rotated, purged;
  std::vector<std::string> failed;  // with why
};

class Vault {
 public:
  // Store, keeper and HSM outlive the vault; `hsm` is null where no HSM holds keys. An interrupted
  // rotation of the KEK is brought to its end.
  static Result<std::unique_ptr<Vault>> Open(store::Store& store, KekKeeper& keeper,
                                             VaultOptions options, Hsm* hsm = nullptr);

  // vault_create.cc: a new version; the key itself when there is none of that name.
  Outcome<KeyVersion> Create(std::string_view name, const KeySpec& spec,
                             const KeyProperties& properties, Time now);
  Outcome<KeyVersion> Import(std::string_view name, const ImportedKey& key,
                             const KeyProperties& properties, Time now);

  // vault_read.cc: an empty version means the current one.
  Outcome<KeyVersion> Get(std::string_view name, std::string_view version);
  // Current versions, by name; `after` is the `next` of the page before.
  Outcome<Page<KeyVersion>> List(std::string_view after, std::size_t limit);
  Outcome<Page<KeyVersion>> ListVersions(std::string_view name, std::string_view after,
                                         std::size_t limit);
  Outcome<DeletedKey> GetDeleted(std::string_view name);
  Outcome<Page<DeletedKey>> ListDeleted(std::string_view after, std::size_t limit);
  Outcome<RotationPolicy> GetRotationPolicy(std::string_view name);

  // vault_update.cc
  Outcome<KeyVersion> Update(std::string_view name, std::string_view version,
                             const KeyProperties& changes, Time now);
  Outcome<KeyVersion> Rotate(std::string_view name, Time now);
  Outcome<RotationPolicy> SetRotationPolicy(std::string_view name, RotationPolicy policy, Time now);

  // vault_delete.cc
  Outcome<DeletedKey> Delete(std::string_view name, Time now);
  Outcome<KeyVersion> Recover(std::string_view name, Time now);
  Outcome<void> Purge(std::string_view name);
  // Rotates what is due, purges what has been deleted for long enough, and clears the HSM of what
  // no version speaks for.
  Swept Sweep(Time now);

  // vault_backup.cc: all versions, for this vault alone (backup.h). A key with a version in an HSM
  // is refused.
  Outcome<Bytes> Backup(std::string_view name);
  Outcome<KeyVersion> Restore(View blob, Time now);

  // For operations (operations.h) and for the release path (release_export.h).
  Outcome<UsableKeyPtr> OpenKey(const KeyVersion& version);

  const VaultOptions& options() const { return options_; }
  DataKeys& data_keys() { return *data_keys_; }

 private:
  Vault(store::Store& store, std::unique_ptr<DataKeys> data_keys, VaultOptions options, Hsm* hsm)
      : book_(store),
        home_(store, hsm),
        data_keys_(std::move(data_keys)),
        options_(std::move(options)),
        opened_(limits::kKeysPrepared) {}

  Outcome<KeyVersion> AddVersion(std::string_view name, const NewKey& key,
                                 const KeyProperties& properties, Time now);
  Outcome<KeyVersion> TryAddVersion(std::string_view name, const NewKey& key,
                                    const KeyProperties& properties, Time now);
  // The new current version of a key as it was read; nothing: it is new.
  Outcome<KeyVersion> PutVersion(const std::optional<KeyEntry>& before,
                                 const std::optional<KeyVersion>& current, KeyVersion version,
                                 const NewKey& key, const KeyProperties& properties);
  Outcome<KeyVersion> TryUpdate(std::string_view name, std::string_view version,
                                const KeyProperties& changes, Time now);
  // `due`: only when it is due at `now`. `fresh` keeps what was generated for the next try.
  Outcome<KeyVersion> RotateUntilDone(std::string_view name, bool due, Time now);
  Outcome<KeyVersion> TryRotate(std::string_view name, bool due, Time now,
                                std::optional<GeneratedKey>& fresh);
  Outcome<KeyVersion> TryRestore(BackedUpKey& key, Time now);
  Outcome<KeyVersion> TryRecover(std::string_view name, Time now);
  Outcome<DeletedKey> TryDelete(std::string_view name, Time now);
  Outcome<void> TryPurge(std::string_view name, std::optional<Time> due_at);
  void SweepOne(const Due& due, Time now, Swept& out);

  Outcome<KeyEntry> EntryOf(std::string_view name);
  Outcome<KeyEntry> DeletedEntryOf(std::string_view name);
  // Authenticated.
  Outcome<KeyVersion> VersionOf(const KeyEntry& entry, std::string_view version);
  Outcome<KeyVersion> Apply(KeyVersion version, const KeyProperties& changes);
  Outcome<void> CheckVersion(const KeyVersion& version, const KeyVersion* before) const;

  KeyBook book_;  // thread-safe: it holds the store alone
  KeyHome home_;  // thread-safe
  const std::unique_ptr<DataKeys> data_keys_;
  const VaultOptions options_;
  std::mutex mutex_;  // guards opened_
  // By version. A version's material never changes, so what was opened once stays right; that a
  // version may be used is read from the store each time.
  LruMap<UsableKeyPtr> opened_;
};

// Decides again while others change the same key.
template <typename Decide>
auto Retried(const Decide& decide) {
  auto out = decide();
  for (int i = 1; i < limits::kKeyAttempts && !out; ++i) {
    if (out.error().kind != FaultKind::kConflict) break;
    out = decide();
  }
  return out;
}

}  // namespace assay::keys
