#include <fmt/format.h>

#include "base/json.h"
#include "keys/key_seal.h"
#include "keys/vault.h"

namespace assay::keys {
namespace {

Outcome<void> CheckTags(const Tags& tags) {
  if (tags.size() > limits::kKeyTags) {
    return Refuse(FaultKind::kBadParameter, fmt::format("tags: expected at most {}, found {}",
                                                        limits::kKeyTags, tags.size()));
  }
  for (const auto& [name, value] : tags) {
    if (name.empty() || name.size() > limits::kKeyTagBytes || value.size() > limits::kKeyTagBytes) {
      return Refuse(FaultKind::kBadParameter,
                    fmt::format("tags: expected names of 1 to {} bytes, and values of as many",
                                limits::kKeyTagBytes));
    }
  }
  return {};
}

}  // namespace

Outcome<KeyVersion> Vault::Apply(KeyVersion version, const KeyProperties& changes) {
  if (changes.enabled) version.attributes.enabled = *changes.enabled;
  if (changes.not_before) version.attributes.not_before = changes.not_before;
  if (changes.expires) version.attributes.expires = changes.expires;
  if (changes.operations) {
    version.operations = TRY(ParseOperations(version.kind, *changes.operations));
  }
  if (changes.tags) version.tags = *changes.tags;
  if (changes.release_policy) version.release_policy = changes.release_policy;
  return version;
}

// `before`: the version whose place it takes, or which it was; null for the first one.
Outcome<void> Vault::CheckVersion(const KeyVersion& version, const KeyVersion* before) const {
  const Attributes& attributes = version.attributes;
  if (attributes.not_before && attributes.expires &&
      *attributes.not_before >= *attributes.expires) {
    return Refuse(FaultKind::kBadParameter, "attributes: expected nbf before exp");
  }
  TRY_VOID(CheckTags(version.tags));
  if (attributes.exportable && !version.release_policy) {
    return Refuse(FaultKind::kBadParameter,
                  "release_policy: an exportable key needs one, which says to whom it may go");
  }
  if (!version.release_policy) return {};
  if (!attributes.exportable) {
    return Refuse(FaultKind::kBadParameter,
                  "release_policy: it is of exportable keys; attributes.exportable is not true");
  }
  const ReleasePolicy& policy = *version.release_policy;
  if (before != nullptr && before->release_policy == policy) return {};
  if (before != nullptr && before->release_policy && before->release_policy->immutable) {
    return Refuse(FaultKind::kImmutable,
                  "release_policy: the one that is there is immutable, and cannot be replaced");
  }
  if (policy.data.empty() || policy.data.size() > limits::kReleasePolicyBytes) {
    return Refuse(
        FaultKind::kBadParameter,
        fmt::format("release_policy.data: expected 1 to {} bytes", limits::kReleasePolicyBytes));
  }
  if (!options_.check_release_policy) {
    TRY(json::Parse(AsText(policy.data)));
    return {};
  }
  TRY_VOID(options_.check_release_policy(policy));
  return {};
}

Outcome<KeyVersion> Vault::Update(std::string_view name, std::string_view version,
                                  const KeyProperties& changes, Time now) {
  return Retried([&] { return TryUpdate(name, version, changes, now); });
}

Outcome<KeyVersion> Vault::TryUpdate(std::string_view name, std::string_view version,
                                     const KeyProperties& changes, Time now) {
  const KeyEntry before = TRY(EntryOf(name));
  const KeyVersion old = TRY(VersionOf(before, version));
  if (changes.exportable && *changes.exportable != old.attributes.exportable) {
    return Refuse(FaultKind::kBadParameter,
                  "attributes.exportable: it is decided when the key is made");
  }
  KeyVersion changed = TRY(Apply(old, changes));
  TRY_VOID(CheckVersion(changed, &old));
  changed.attributes.updated = now;
  // The metadata is sealed with the material: it is sealed anew.
  TRY_VOID(Seal(*data_keys_, changed, TRY(Unseal(*data_keys_, old))));
  KeyEntry after = before;
  if (after.current == changed.version && after.rotation) {
    after.due = RotationDue(*after.rotation, changed.attributes);
  }
  TRY_VOID(book_.Write(&before, after, {changed}));
  return changed;
}

Outcome<KeyVersion> Vault::Rotate(std::string_view name, Time now) {
  return RotateUntilDone(name, false, now);
}

Outcome<KeyVersion> Vault::RotateUntilDone(std::string_view name, bool due, Time now) {
  std::optional<GeneratedKey> fresh;
  auto out = Retried([&] { return TryRotate(name, due, now, fresh); });
  if (!out && fresh) home_.GiveUp(fresh->key);
  return out;
}

Outcome<KeyVersion> Vault::TryRotate(std::string_view name, bool due, Time now,
                                     std::optional<GeneratedKey>& fresh) {
  const KeyEntry before = TRY(EntryOf(name));
  if (due && (!before.due || *before.due > now)) {
    return Refuse(FaultKind::kNotFound, "somebody else rotated it");
  }
  const KeyVersion old = TRY(VersionOf(before, ""));
  if (due && !old.attributes.enabled) {
    return Refuse(FaultKind::kDisabled, "its current version is disabled");
  }
  KeyProperties properties;
  properties.exportable = old.attributes.exportable;
  properties.operations.emplace();
  for (const Operation one : old.operations) properties.operations->emplace_back(Name(one));
  properties.tags = old.tags;
  properties.release_policy = old.release_policy;
  if (before.rotation && before.rotation->expiry_time) {
    properties.expires = now + *before.rotation->expiry_time;
  }
  const bool exportable = old.attributes.exportable;
  if (fresh && (fresh->spec != old.Spec() || fresh->exportable != exportable)) {
    home_.GiveUp(fresh->key);
    fresh.reset();
  }
  if (!fresh) {
    NewKey key = TRY(home_.Make(old.Spec(), exportable, now));
    fresh = GeneratedKey{old.Spec(), exportable, std::move(key)};
  }
  KeyVersion version;
  version.name = before.name;
  version.attributes.created = version.attributes.updated = now;
  return PutVersion(before, old, std::move(version), fresh->key, properties);
}

Outcome<RotationPolicy> Vault::SetRotationPolicy(std::string_view name, RotationPolicy policy,
                                                 Time now) {
  return Retried([&]() -> Outcome<RotationPolicy> {
    const KeyEntry before = TRY(EntryOf(name));
    const KeyVersion current = TRY(VersionOf(before, ""));
    policy.created = before.rotation ? before.rotation->created : now;
    policy.updated = now;
    KeyEntry after = before;
    after.rotation = policy;
    after.due = RotationDue(policy, current.attributes);
    TRY_VOID(book_.Write(&before, after, {}));
    return policy;
  });
}

}  // namespace assay::keys
