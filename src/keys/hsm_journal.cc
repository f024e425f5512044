#include "keys/hsm_journal.h"

#include "base/json.h"

namespace assay::keys {
namespace {

constexpr std::string_view kPending = "hsm-pending/";
constexpr std::string_view kDoomed = "hsm-doomed/";

Bytes JournalKey(std::string_view prefix, std::string_view id) {
  Bytes out = ToBytes(AsBytes(prefix));
  Append(out, AsBytes(id));
  return out;
}

Bytes JournalValue(const json::Object& document) { return ToBytes(AsBytes(json::Write(document))); }

std::string IdOf(std::string_view prefix, const store::Entry& entry) {
  return std::string(AsText(entry.key).substr(prefix.size()));
}

}  // namespace

Result<std::uint64_t> HsmJournal::Begin(const std::string& id, Time now) {
  store::Batch batch;
  batch.expectations.push_back({JournalKey(kPending, id), 0});
  batch.puts.push_back({JournalKey(kPending, id), JournalValue({{"since", UnixSeconds(now)}})});
  return store_.Commit(batch);
}

Result<bool> HsmJournal::IsPending(const std::string& id, std::uint64_t revision) {
  const auto entry = TRY(store_.Get(JournalKey(kPending, id)));
  return entry && entry->version == revision;
}

Result<void> HsmJournal::Doom(const std::string& id, std::uint64_t revision) {
  store::Batch batch;
  batch.expectations.push_back({JournalKey(kPending, id), revision});
  batch.deletes.push_back(JournalKey(kPending, id));
  batch.puts.push_back({JournalKey(kDoomed, id), JournalValue({})});
  TRY(store_.Commit(batch));
  return {};
}

Result<void> HsmJournal::DoomOlder(Time before) {
  for (const store::Entry& entry : TRY(store::ScanAll(store_, AsBytes(kPending)))) {
    const json::Value document = TRY(json::Parse(AsText(entry.value)));
    if (FromUnixSeconds(TRY(document.Int("since", kPending))) >= before) continue;
    const Result<void> doomed = Doom(IdOf(kPending, entry), entry.version);
    // It was recorded meanwhile, or another sweep had it.
    if (!doomed && doomed.error().code != ErrorCode::kConflict) return doomed;
  }
  return {};
}

Result<std::vector<std::string>> HsmJournal::Doomed() {
  std::vector<std::string> out;
  for (const store::Entry& entry : TRY(store::ScanAll(store_, AsBytes(kDoomed)))) {
    out.push_back(IdOf(kDoomed, entry));
  }
  return out;
}

Result<void> HsmJournal::Forget(const std::string& id) {
  store::Batch batch;
  batch.deletes.push_back(JournalKey(kDoomed, id));
  TRY(store_.Commit(batch));
  return {};
}

void HsmJournal::Record(const KeyVersion& version, store::Batch& batch) {
  if (version.hsm_object.empty() || version.revision != 0) return;
  batch.expectations.push_back({JournalKey(kPending, version.hsm_object), version.hsm_revision});
  batch.deletes.push_back(JournalKey(kPending, version.hsm_object));
}

void HsmJournal::Doom(const KeyVersion& version, store::Batch& batch) {
  if (version.hsm_object.empty()) return;
  batch.puts.push_back({JournalKey(kDoomed, version.hsm_object), JournalValue({})});
}

}  // namespace assay::keys
