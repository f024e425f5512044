#include <fmt/format.h>

#include "keys/key_seal.h"
#include "keys/vault.h"

namespace assay::keys {
namespace {

Outcome<void> SetPublicHalf(const ImportedKey& key, KeyVersion& out) {
  out.kind = key.kind;
  if (key.kind == KeyKind::kOct) {
    out.bits = static_cast<unsigned>(key.oct.size() * 8);
    if (out.bits == 128 || out.bits == 192 || out.bits == 256) return {};
    return Refuse(FaultKind::kBadParameter, "k: expected 16, 24 or 32 bytes");
  }
  out.bits = key.pair->bits();
  if (key.kind == KeyKind::kEc) {
    out.ec = TRY(key.pair->EcPublic());
    return {};
  }
  out.rsa = TRY(key.pair->RsaPublic());
  if (out.bits == 2048 || out.bits == 3072 || out.bits == 4096) return {};
  return Refuse(FaultKind::kBadParameter,
                fmt::format("n: expected 2048, 3072 or 4096 bits, found {}", out.bits));
}

Outcome<SecretBytes> SecretOf(const ImportedKey& key) {
  if (key.kind == KeyKind::kOct) return SecretBytes(key.oct.view());
  return TRY(key.pair->ToPkcs8());
}

}  // namespace

Outcome<ImportedKey> GenerateKey(const KeySpec& spec) {
  ImportedKey out;
  out.kind = spec.kind;
  switch (spec.kind) {
    case KeyKind::kRsa: out.pair = TRY(AsymmetricKey::GenerateRsa(spec.bits, spec.exponent)); break;
    case KeyKind::kEc: out.pair = TRY(AsymmetricKey::GenerateEc(spec.curve)); break;
    case KeyKind::kOct:
      if (spec.bits != 128 && spec.bits != 192 && spec.bits != 256) {
        return Refuse(
            FaultKind::kBadParameter,
            fmt::format("key_size: expected 128, 192 or 256 for oct, found {}", spec.bits));
      }
      out.oct = TRY(RandomSecret(spec.bits / 8));
      break;
  }
  return out;
}

Outcome<KeyVersion> Vault::Create(std::string_view name, const KeySpec& spec,
                                  const KeyProperties& properties, Time now) {
  return AddVersion(name, TRY(GenerateKey(spec)), properties, now);
}

Outcome<KeyVersion> Vault::Import(std::string_view name, const ImportedKey& key,
                                  const KeyProperties& properties, Time now) {
  return AddVersion(name, key, properties, now);
}

Outcome<KeyVersion> Vault::AddVersion(std::string_view name, const ImportedKey& key,
                                      const KeyProperties& properties, Time now) {
  if (!IsKeyName(name)) {
    return Refuse(
        FaultKind::kBadParameter,
        fmt::format("key name: expected 1 to {} letters, digits and '-'", limits::kKeyNameBytes));
  }
  return Retried([&] { return TryAddVersion(name, key, properties, now); });
}

Outcome<KeyVersion> Vault::TryAddVersion(std::string_view name, const ImportedKey& key,
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
                                      const ImportedKey& key, const KeyProperties& properties) {
  KeyEntry after = before.value_or(KeyEntry{});
  after.name = version.name;
  if (after.versions >= limits::kKeyVersions) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("key {}: it has {} versions, and no key has more", after.name,
                              limits::kKeyVersions));
  }
  version.version = TRY(NewVersionId());
  TRY_VOID(SetPublicHalf(key, version));
  version.operations = OperationsOf(version.kind);
  version.attributes.exportable = properties.exportable.value_or(false);
  if (version.attributes.exportable && current) version.release_policy = current->release_policy;
  version = TRY(Apply(std::move(version), properties));
  TRY_VOID(CheckVersion(version, current ? &*current : nullptr));
  TRY_VOID(Seal(*data_keys_, version, TRY(SecretOf(key))));
  after.current = version.version;
  ++after.versions;
  after.due = after.rotation ? RotationDue(*after.rotation, version.attributes) : std::nullopt;
  TRY_VOID(book_.Write(before ? &*before : nullptr, after, {version}));
  return version;
}

}  // namespace assay::keys
