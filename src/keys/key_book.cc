#include "keys/key_book.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "keys/hsm_journal.h"
#include "keys/key_json.h"

namespace assay::keys {
namespace {

constexpr std::string_view kLive = "key";
constexpr std::string_view kDeleted = "deleted-key";
constexpr std::string_view kWhereEntry = "key entry";

Bytes RawText(std::string_view text) { return ToBytes(AsBytes(text)); }

Bytes EntryKey(std::string_view prefix, std::string_view name) {
  return RawText(fmt::format("{}/{}", prefix, FoldName(name)));
}
Bytes VersionKey(std::string_view name, std::string_view version) {
  return RawText(fmt::format("key-version/{}/{}", FoldName(name), version));
}
// Twelve digits sort as numbers do until the year 33658.
Bytes DueKey(Time at, std::string_view name) {
  return RawText(fmt::format("key-due/{:012}/{}", UnixSeconds(at), FoldName(name)));
}

std::string_view PrefixOf(const KeyEntry& entry) { return entry.deletion ? kDeleted : kLive; }

json::Value OptionalSeconds(const std::optional<Time>& time) {
  return time ? json::Value(UnixSeconds(*time)) : json::Value();
}

Bytes EntryBytes(const KeyEntry& entry) {
  json::Object out{{"name", entry.name},
                   {"current", entry.current},
                   {"versions", entry.versions},
                   {"due", OptionalSeconds(entry.due)}};
  if (entry.rotation) out.emplace_back("rotation", RotationPolicyJson(*entry.rotation));
  if (entry.deletion) {
    out.emplace_back("deleted", UnixSeconds(entry.deletion->at));
    out.emplace_back("purge", UnixSeconds(entry.deletion->purge));
  }
  return RawText(json::Write(out));
}

Result<RotationPolicy> StoredPolicy(const json::Value& document) {
  Outcome<RotationPolicy> out = ParseRotationPolicy(document);
  if (!out) return Fail(ErrorCode::kMalformed, out.error().message);
  const json::Value* const attributes = document.Find("attributes");
  if (attributes != nullptr && attributes->Find("created") != nullptr) {
    out->created = FromUnixSeconds(TRY(attributes->Int("created", kWhereEntry)));
    out->updated = FromUnixSeconds(TRY(attributes->Int("updated", kWhereEntry)));
  }
  return std::move(*out);
}

Result<KeyEntry> EntryOf(const store::Entry& stored) {
  const json::Value document = TRY(json::Parse(AsText(stored.value)));
  KeyEntry out;
  out.name = TRY(document.String("name", kWhereEntry));
  out.current = TRY(document.String("current", kWhereEntry));
  out.versions = static_cast<std::uint64_t>(TRY(document.Int("versions", kWhereEntry)));
  const json::Value* const due = document.Find("due");
  if (due != nullptr && due->AsInt() != nullptr) out.due = FromUnixSeconds(*due->AsInt());
  if (const json::Value* rotation = document.Find("rotation")) {
    out.rotation = TRY(StoredPolicy(*rotation));
  }
  if (document.Find("deleted") != nullptr) {
    Deletion deletion;
    deletion.at = FromUnixSeconds(TRY(document.Int("deleted", kWhereEntry)));
    deletion.purge = FromUnixSeconds(TRY(document.Int("purge", kWhereEntry)));
    out.deletion = deletion;
  }
  out.revision = stored.version;
  return out;
}

Result<KeyVersion> VersionOf(const store::Entry& stored) {
  const json::Value document = TRY(json::Parse(AsText(stored.value)));
  const json::Value* const metadata = document.Find("metadata");
  if (metadata == nullptr) return Fail(ErrorCode::kMalformed, "key version: expected metadata");
  KeyVersion out = TRY(MetadataFromJson(*metadata));
  out.sealed = TRY(Base64UrlDecode(TRY(document.String("sealed", "key version"))));
  out.revision = stored.version;
  // It is authentic by its seal; that it stands where it belongs, is checked here.
  if (!Equal(VersionKey(out.name, out.version), stored.key)) {
    return Fail(ErrorCode::kInternal, "key version: it stands in the place of another");
  }
  return out;
}

store::Put VersionPut(const KeyVersion& version) {
  const json::Object document{{"metadata", MetadataJson(version)},
                              {"sealed", Base64UrlEncode(version.sealed)}};
  return {VersionKey(version.name, version.version), RawText(json::Write(document))};
}

}  // namespace

Result<std::optional<KeyEntry>> KeyBook::FindEntry(std::string_view prefix, std::string_view name) {
  const auto entry = TRY(store_.Get(EntryKey(prefix, name)));
  if (!entry) return std::nullopt;
  return TRY(EntryOf(*entry));
}

Result<std::optional<KeyEntry>> KeyBook::Find(std::string_view name) {
  return FindEntry(kLive, name);
}

Result<std::optional<KeyEntry>> KeyBook::FindDeleted(std::string_view name) {
  return FindEntry(kDeleted, name);
}

Result<std::optional<KeyVersion>> KeyBook::FindVersion(std::string_view name,
                                                       std::string_view version) {
  const auto entry = TRY(store_.Get(VersionKey(name, version)));
  if (!entry) return std::nullopt;
  return TRY(VersionOf(*entry));
}

Result<std::vector<KeyEntry>> KeyBook::ListEntries(std::string_view prefix, std::string_view after,
                                                   std::size_t limit) {
  const Bytes behind = after.empty() ? Bytes() : EntryKey(prefix, after);
  std::vector<KeyEntry> out;
  for (const store::Entry& entry : TRY(store_.Scan(EntryKey(prefix, ""), behind, limit))) {
    out.push_back(TRY(EntryOf(entry)));
  }
  return out;
}

Result<std::vector<KeyEntry>> KeyBook::List(std::string_view after, std::size_t limit) {
  return ListEntries(kLive, after, limit);
}

Result<std::vector<KeyEntry>> KeyBook::ListDeleted(std::string_view after, std::size_t limit) {
  return ListEntries(kDeleted, after, limit);
}

Result<std::vector<KeyVersion>> KeyBook::Versions(std::string_view name, std::string_view after,
                                                  std::size_t limit) {
  const Bytes behind = after.empty() ? Bytes() : VersionKey(name, after);
  std::vector<KeyVersion> out;
  for (const store::Entry& entry : TRY(store_.Scan(VersionKey(name, ""), behind, limit))) {
    out.push_back(TRY(VersionOf(entry)));
  }
  return out;
}

Result<std::vector<Due>> KeyBook::DueUntil(Time now, const std::optional<Due>& after,
                                           std::size_t limit) {
  constexpr std::string_view kPrefix = "key-due/";
  const Bytes behind = after ? DueKey(after->at, after->name) : Bytes();
  std::vector<Due> out;
  for (const store::Entry& entry : TRY(store_.Scan(RawText(kPrefix), behind, limit))) {
    const std::string_view rest = AsText(entry.key).substr(kPrefix.size());
    std::int64_t seconds = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
    const std::size_t slash = rest.find('/');
    if (read.ec != std::errc() || slash == std::string_view::npos) {
      return Fail(ErrorCode::kMalformed, "store: expected a time and a name behind key-due");
    }
    if (seconds > UnixSeconds(now)) break;
    out.push_back({FromUnixSeconds(seconds), std::string(rest.substr(slash + 1))});
  }
  return out;
}

Result<void> KeyBook::Write(const KeyEntry* before, const KeyEntry& after,
                            const std::vector<KeyVersion>& versions) {
  const Bytes live = EntryKey(kLive, after.name);
  const Bytes deleted = EntryKey(kDeleted, after.name);
  const bool was_deleted = before != nullptr && before->deletion.has_value();
  const std::uint64_t revision = before != nullptr ? before->revision : 0;
  store::Batch batch;
  batch.expectations.push_back({live, was_deleted ? 0 : revision});
  batch.expectations.push_back({deleted, was_deleted ? revision : 0});
  if (before != nullptr && PrefixOf(*before) != PrefixOf(after)) {
    batch.deletes.push_back(was_deleted ? deleted : live);
  }
  batch.puts.push_back({after.deletion ? deleted : live, EntryBytes(after)});
  const std::optional<Time> due_before = before != nullptr ? before->due : std::nullopt;
  if (due_before != after.due) {
    if (due_before) batch.deletes.push_back(DueKey(*due_before, after.name));
    if (after.due) batch.puts.push_back({DueKey(*after.due, after.name), RawText(after.name)});
  }
  for (const KeyVersion& version : versions) {
    batch.expectations.push_back({VersionKey(version.name, version.version), version.revision});
    batch.puts.push_back(VersionPut(version));
    HsmJournal::Record(version, batch);
  }
  TRY(store_.Commit(batch));
  return {};
}

Result<void> KeyBook::Purge(const KeyEntry& deleted) {
  const Bytes key = EntryKey(kDeleted, deleted.name);
  store::Batch batch;
  batch.expectations.push_back({key, deleted.revision});
  batch.deletes.push_back(key);
  if (deleted.due) batch.deletes.push_back(DueKey(*deleted.due, deleted.name));
  for (const store::Entry& version : TRY(store::ScanAll(store_, VersionKey(deleted.name, "")))) {
    batch.deletes.push_back(version.key);
    HsmJournal::Doom(TRY(VersionOf(version)), batch);
  }
  TRY(store_.Commit(batch));
  return {};
}

}  // namespace assay::keys
