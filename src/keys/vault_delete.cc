#include <fmt/format.h>

#include "keys/vault.h"

namespace assay::keys {

Outcome<DeletedKey> Vault::Delete(std::string_view name, Time now) {
  return Retried([&] { return TryDelete(name, now); });
}

Outcome<DeletedKey> Vault::TryDelete(std::string_view name, Time now) {
  const KeyEntry before = TRY(EntryOf(name));
  const KeyVersion current = TRY(VersionOf(before, ""));
  KeyEntry after = before;
  after.deletion = Deletion{now, now + std::chrono::days(options_.retention_days)};
  after.due = after.deletion->purge;
  TRY_VOID(book_.Write(&before, after, {}));
  return DeletedKey{current, *after.deletion};
}

Outcome<KeyVersion> Vault::Recover(std::string_view name, Time now) {
  return Retried([&] { return TryRecover(name, now); });
}

Outcome<KeyVersion> Vault::TryRecover(std::string_view name, Time now) {
  const KeyEntry before = TRY(DeletedEntryOf(name));
  const KeyVersion current = TRY(VersionOf(before, ""));
  if (before.deletion->purge <= now) {
    return Refuse(FaultKind::kNotFound, fmt::format("Deleted Key not found: {}", before.name));
  }
  KeyEntry after = before;
  after.deletion.reset();
  after.due = after.rotation ? RotationDue(*after.rotation, current.attributes) : std::nullopt;
  TRY_VOID(book_.Write(&before, after, {}));
  return current;
}

Outcome<void> Vault::Purge(std::string_view name) {
  return Retried([&] { return TryPurge(name, std::nullopt); });
}

// With a time: only what has to be purged by then.
Outcome<void> Vault::TryPurge(std::string_view name, std::optional<Time> due_at) {
  const KeyEntry entry = TRY(DeletedEntryOf(name));
  if (due_at && entry.deletion->purge > *due_at) {
    return Refuse(FaultKind::kNotFound, "it was deleted again meanwhile");
  }
  const std::vector<KeyVersion> versions =
      TRY(book_.Versions(entry.name, "", limits::kKeyVersions));
  TRY_VOID(book_.Purge(entry));
  {
    const std::lock_guard lock(mutex_);
    for (const KeyVersion& one : versions) opened_.Erase(one.version);
  }
  // The key is gone whether or not the HSM answers; the sweep asks it again.
  (void)home_.DestroyDoomed();
  return {};
}

Swept Vault::Sweep(Time now) {
  Swept out;
  if (const Result<void> cleared = home_.Sweep(now); !cleared) {
    out.failed.push_back("HSM: " + Fault(cleared.error()).message);
  }
  std::optional<Due> last;
  while (true) {
    const auto due = book_.DueUntil(now, last, limits::kKeySweepAtATime);
    if (!due) {
      out.failed.push_back(due.error().message);
      return out;
    }
    for (const Due& one : *due) SweepOne(one, now, out);
    if (due->size() < limits::kKeySweepAtATime) return out;
    last = due->back();
  }
}

void Vault::SweepOne(const Due& due, Time now, Swept& out) {
  const Outcome<void> purged = Retried([&] { return TryPurge(due.name, now); });
  if (purged) {
    out.purged.push_back(due.name);
    return;
  }
  if (purged.error().kind != FaultKind::kNotFound) {
    out.failed.push_back(due.name + ": " + purged.error().message);
    return;
  }
  const Outcome<KeyVersion> rotated = RotateUntilDone(due.name, true, now);
  if (rotated) {
    out.rotated.push_back(due.name);
  } else if (rotated.error().kind != FaultKind::kNotFound &&
             rotated.error().kind != FaultKind::kDisabled) {
    out.failed.push_back(due.name + ": " + rotated.error().message);
  }
}

}  // namespace assay::keys
