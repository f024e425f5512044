#include <fmt/format.h>

#include "keys/backup.h"
#include "keys/key_seal.h"
#include "keys/vault.h"

namespace assay::keys {
namespace {

tl::unexpected<Fault> BadBackup(std::string_view what) {
  return Refuse(FaultKind::kBadParameter, fmt::format("key backup: {}", what));
}

// What no backup of this vault has, whoever made the blob.
Outcome<void> CheckWhole(const BackedUpKey& key) {
  if (!IsKeyName(key.entry.name) || key.versions.empty() ||
      key.versions.size() > limits::kKeyVersions) {
    return BadBackup("expected a key with versions");
  }
  bool has_current = false;
  for (const BackedUpVersion& one : key.versions) {
    if (one.version.type().hsm) return BadBackup("a version is in an HSM");
    if (one.version.name != key.entry.name || !IsKeyVersion(one.version.version)) {
      return BadBackup("a version is of another key");
    }
    has_current = has_current || one.version.version == key.entry.current;
  }
  return has_current ? Outcome<void>() : BadBackup("the current version is missing");
}

}  // namespace

Outcome<Bytes> Vault::Backup(std::string_view name) {
  BackedUpKey out;
  out.entry = TRY(EntryOf(name));
  for (KeyVersion& one : TRY(book_.Versions(out.entry.name, "", limits::kKeyVersions))) {
    if (one.type().hsm) {
      return Refuse(FaultKind::kNotSupported,
                    fmt::format("key {}/{}: the HSM holds it, and nothing but a release takes it "
                                "out; back up the HSM by its own means",
                                one.name, one.version));
    }
    SecretBytes material = TRY(Unseal(*data_keys_, one));
    out.versions.push_back({std::move(one), std::move(material)});
  }
  // A version that came after the key was read is not in its place as the current one.
  TRY_VOID(CheckWhole(out));
  return TRY(WriteBackup(*data_keys_, out));
}

Outcome<KeyVersion> Vault::Restore(View blob, Time now) {
  BackedUpKey key = TRY(ReadBackup(*data_keys_, blob));
  TRY_VOID(CheckWhole(key));
  return Retried([&] { return TryRestore(key, now); });
}

Outcome<KeyVersion> Vault::TryRestore(BackedUpKey& key, Time now) {
  KeyEntry& entry = key.entry;
  if (TRY(book_.Find(entry.name)) || TRY(book_.FindDeleted(entry.name))) {
    return Refuse(FaultKind::kExists,
                  fmt::format("A key with the name {} is there, or was deleted and can be "
                              "recovered: purge it before it is restored.",
                              entry.name));
  }
  std::vector<KeyVersion> versions;
  KeyVersion current;
  for (BackedUpVersion& one : key.versions) {
    TRY_VOID(Seal(*data_keys_, one.version, one.material));
    versions.push_back(one.version);
    if (one.version.version == entry.current) current = one.version;
  }
  // Whatever was due while it was away is due now.
  if (entry.rotation) {
    entry.rotation->updated = now;
    if (entry.rotation->created == Time{}) entry.rotation->created = now;
    entry.due = RotationDue(*entry.rotation, current.attributes);
  }
  TRY_VOID(book_.Write(nullptr, entry, versions));
  return current;
}

}  // namespace assay::keys
