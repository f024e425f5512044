#include <fmt/format.h>

#include "keys/key_seal.h"
#include "keys/vault.h"

namespace assay::keys {
namespace {

tl::unexpected<Fault> NoSuchKey(std::string_view name, std::string_view version) {
  const std::string id = fmt::format("{}{}{}", name, version.empty() ? "" : "/", version);
  return Refuse(FaultKind::kNotFound,
                fmt::format("A key with (name/id) {} was not found in this key vault. If you "
                            "recently deleted this key you may be able to recover it using the "
                            "correct recovery command.",
                            id));
}

// One more than is shown is asked for: whether it is there says whether there is a next page.
template <typename T>
bool CutTo(std::vector<T>& items, std::size_t limit) {
  if (items.size() <= limit) return false;
  items.resize(limit);
  return true;
}

std::size_t Bounded(std::size_t limit) {
  return limit == 0 ? limits::kKeysPage : std::min(limit, limits::kKeysPage);
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::Open(store::Store& store, KekKeeper& keeper,
                                           VaultOptions options, Hsm* hsm) {
  if (options.retention_days < limits::kKeyRetentionLeastDays ||
      options.retention_days > limits::kKeyRetentionMostDays) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("retention of deleted keys: expected {} to {} days, found {}",
                            limits::kKeyRetentionLeastDays, limits::kKeyRetentionMostDays,
                            options.retention_days));
  }
  auto data_keys = TRY(DataKeys::Open(store, keeper));
  TRY(data_keys->FinishRotation({}));
  return std::unique_ptr<Vault>(new Vault(store, std::move(data_keys), std::move(options), hsm));
}

Outcome<KeyEntry> Vault::EntryOf(std::string_view name) {
  if (!IsKeyName(name)) {
    return Refuse(
        FaultKind::kBadParameter,
        fmt::format("key name: expected 1 to {} letters, digits and '-'", limits::kKeyNameBytes));
  }
  auto found = TRY(book_.Find(name));
  if (!found) return NoSuchKey(name, "");
  return std::move(*found);
}

Outcome<KeyEntry> Vault::DeletedEntryOf(std::string_view name) {
  auto found = TRY(book_.FindDeleted(name));
  if (!found) {
    return Refuse(FaultKind::kNotFound,
                  fmt::format("Deleted Key not found: {}", name.substr(0, limits::kKeyNameBytes)));
  }
  return std::move(*found);
}

Outcome<KeyVersion> Vault::VersionOf(const KeyEntry& entry, std::string_view version) {
  const std::string_view wanted = version.empty() ? std::string_view(entry.current) : version;
  if (!IsKeyVersion(wanted)) {
    return Refuse(FaultKind::kBadParameter, "key version: expected 32 hexadecimal digits");
  }
  auto found = TRY(book_.FindVersion(entry.name, wanted));
  if (!found) return NoSuchKey(entry.name, wanted);
  TRY(Unseal(*data_keys_, *found));
  return std::move(*found);
}

Outcome<KeyVersion> Vault::Get(std::string_view name, std::string_view version) {
  return VersionOf(TRY(EntryOf(name)), version);
}

Outcome<Page<KeyVersion>> Vault::List(std::string_view after, std::size_t limit) {
  limit = Bounded(limit);
  std::vector<KeyEntry> entries = TRY(book_.List(after, limit + 1));
  Page<KeyVersion> out;
  if (CutTo(entries, limit)) out.next = FoldName(entries.back().name);
  for (const KeyEntry& entry : entries) {
    Outcome<KeyVersion> current = VersionOf(entry, "");
    // It was purged between the two reads: then it is not there.
    if (!current && current.error().kind == FaultKind::kNotFound) continue;
    out.items.push_back(TRY(std::move(current)));
  }
  return out;
}

Outcome<Page<KeyVersion>> Vault::ListVersions(std::string_view name, std::string_view after,
                                              std::size_t limit) {
  limit = Bounded(limit);
  const KeyEntry entry = TRY(EntryOf(name));
  Page<KeyVersion> out;
  out.items = TRY(book_.Versions(entry.name, after, limit + 1));
  if (CutTo(out.items, limit)) out.next = out.items.back().version;
  for (const KeyVersion& one : out.items) TRY(Unseal(*data_keys_, one));
  return out;
}

Outcome<DeletedKey> Vault::GetDeleted(std::string_view name) {
  const KeyEntry entry = TRY(DeletedEntryOf(name));
  return DeletedKey{TRY(VersionOf(entry, "")), *entry.deletion};
}

Outcome<Page<DeletedKey>> Vault::ListDeleted(std::string_view after, std::size_t limit) {
  limit = Bounded(limit);
  std::vector<KeyEntry> entries = TRY(book_.ListDeleted(after, limit + 1));
  Page<DeletedKey> out;
  if (CutTo(entries, limit)) out.next = FoldName(entries.back().name);
  for (const KeyEntry& entry : entries) {
    Outcome<KeyVersion> current = VersionOf(entry, "");
    if (!current && current.error().kind == FaultKind::kNotFound) continue;
    out.items.push_back({TRY(std::move(current)), *entry.deletion});
  }
  return out;
}

Outcome<RotationPolicy> Vault::GetRotationPolicy(std::string_view name) {
  const KeyEntry entry = TRY(EntryOf(name));
  return entry.rotation ? *entry.rotation : DefaultRotationPolicy();
}

Outcome<UsableKeyPtr> Vault::OpenKey(const KeyVersion& version) {
  {
    const std::lock_guard lock(mutex_);
    if (auto* known = opened_.Find(version.version)) return *known;
  }
  UsableKeyPtr out = TRY(home_.Open(version, TRY(Unseal(*data_keys_, version))));
  const std::lock_guard lock(mutex_);
  opened_.Put(version.version, out);
  return out;
}

}  // namespace assay::keys
