#include <fmt/format.h>

#include "keys/key_seal.h"
#include "keys/vault.h"

namespace assay::keys {
namespace {

Outcome<void> CheckName(std::string_view name) {
  if (IsKeyName(name)) return {};
  return Refuse(
      FaultKind::kBadParameter,
      fmt::format("key name: expected 1 to {} letters, digits and '-'", limits::kKeyNameBytes));
}

}  // namespace

Outcome<KeyVersion> Vault::Create(std::string_view name, const KeySpec& spec,
                                  const KeyProperties& properties, Time now) {
  TRY_VOID(CheckName(name));
  const NewKey key = TRY(home_.Make(spec, properties.exportable.value_or(false), now));
  return AddVersion(name, key, properties, now);
}

Outcome<KeyVersion> Vault::Import(std::string_view name, const ImportedKey& key,
                                  const KeyProperties& properties, Time now) {
  TRY_VOID(CheckName(name));
  const NewKey taken = TRY(home_.Take(key, properties.exportable.value_or(false), now));
  return AddVersion(name, taken, properties, now);
}

Outcome<KeyVersion> Vault::AddVersion(std::string_view name, const NewKey& key,
                                      const KeyProperties& properties, Time now) {
  auto out = Retried([&] { return TryAddVersion(name, key, properties, now); });
  if (!out) home_.GiveUp(key);
  return out;
}

Outcome<KeyVersion> Vault::TryAddVersion(std::string_view name, const NewKey& key,
                                         const KeyProperties& properties, Time now) {
  const std::optional<KeyEntry> before = TRY(book_.Find(name));
  if (!before && TRY(book_.FindDeleted(name))) {
    return Refuse(FaultKind::kDeleted,
                  fmt::format("Key {} is currently in a deleted but recoverable state, and its "
                              "name cannot be reused; in this state, the key can only be recovered "
                              "or purged.",
                              name));
  }
  std::optional<KeyVersion> current;
  if (before) current = TRY(VersionOf(*before, ""));
  KeyVersion version;
  version.name = before ? before->name : std::string(name);
  version.attributes.created = version.attributes.updated = now;
  return PutVersion(before, current, std::move(version), key, properties);
}

Outcome<KeyVersion> Vault::PutVersion(const std::optional<KeyEntry>& before,
                                      const std::optional<KeyVersion>& current, KeyVersion version,
                                      const NewKey& key, const KeyProperties& properties) {
  KeyEntry after = before.value_or(KeyEntry{});
  after.name = version.name;
  if (after.versions >= limits::kKeyVersions) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("key {}: it has {} versions, and no key has more", after.name,
                              limits::kKeyVersions));
  }
  version.version = TRY(NewVersionId());
  version.kind = key.kind;
  static_cast<PublicHalf&>(version) = key.half;
  version.hsm_object = key.hsm_object;
  version.hsm_revision = key.hsm_revision;
  version.operations = OperationsOf(version.kind);
  version.attributes.exportable = properties.exportable.value_or(false);
  if (version.attributes.exportable && current) version.release_policy = current->release_policy;
  version = TRY(Apply(std::move(version), properties));
  TRY_VOID(CheckVersion(version, current ? &*current : nullptr));
  TRY_VOID(Seal(*data_keys_, version, key.secret));
  after.current = version.version;
  ++after.versions;
  after.due = after.rotation ? RotationDue(*after.rotation, version.attributes) : std::nullopt;
  TRY_VOID(book_.Write(before ? &*before : nullptr, after, {version}));
  return version;
}

}  // namespace assay::keys
