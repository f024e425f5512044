#include "provider/evidence_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay {
namespace {

// Entries in memory at a time: each has up to kRecordedEvidenceBytes.
constexpr std::size_t kPage = 64;

std::string Prefix(const Provider& provider) { return fmt::format("evidence/{}/", provider.id); }

Bytes EvidenceKey(const Provider& provider, std::uint64_t number) {
  return ToBytes(AsBytes(fmt::format("{}{:020}", Prefix(provider), number)));
}

Bytes NextKey(const Provider& provider) { return ToBytes(AsBytes("evidence-next/" + provider.id)); }

struct Ring {
  std::uint64_t next = 0;
  std::uint64_t count = 0;
  std::uint64_t version = 0;
};

Result<Ring> ReadRing(store::Store& store, const Provider& provider) {
  const auto entry = TRY(store.Get(NextKey(provider)));
  if (!entry) return Ring{};
  const json::Value document = TRY(json::Parse(AsText(entry->value)));
  Ring out;
  out.next = static_cast<std::uint64_t>(TRY(document.Int("next", "evidence.next")));
  out.count = static_cast<std::uint64_t>(TRY(document.Int("count", "evidence.count")));
  out.version = entry->version;
  return out;
}

Bytes JsonBytes(const json::Value& value) { return ToBytes(AsBytes(json::Write(value))); }

Result<RecordedRequest> RequestFrom(const store::Entry& entry) {
  const json::Value document = TRY(json::Parse(AsText(entry.value)));
  RecordedRequest out;
  const std::string type = TRY(document.String("type", "evidence.type"));
  const auto known = policy::FindAttestationType(type);
  if (!known) return Fail(ErrorCode::kMalformed, "evidence: unknown type " + type);
  out.type = *known;
  out.body = TRY(document.String("body", "evidence.body"));
  out.at = TRY(ParseTime(TRY(document.String("at", "evidence.at"))));
  return out;
}

Time Oldest(const Provider& provider, Time now) {
  return now - std::chrono::hours(24 * provider.record_days);
}

// Two at most for each that comes: so the number falls where many have become too old.
Result<void> DropOld(store::Store& store, const Provider& provider, Time now, Ring& ring,
                     store::Batch& batch) {
  const std::vector<store::Entry> oldest = TRY(store.Scan(AsBytes(Prefix(provider)), {}, 2));
  for (const store::Entry& entry : oldest) {
    const bool full = ring.count >= limits::kRecordedEvidence;
    const auto request = RequestFrom(entry);
    if (!full && request && request->at >= Oldest(provider, now)) break;
    batch.deletes.push_back(entry.key);
    ring.count -= std::min<std::uint64_t>(ring.count, 1);
  }
  return {};
}

}  // namespace

Result<void> EvidenceBook::Record(const Provider& provider, const RecordedRequest& request) {
  if (request.body.size() > limits::kRecordedEvidenceBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a request of {} bytes is not recorded, at most {} are",
                            request.body.size(), limits::kRecordedEvidenceBytes));
  }
  const std::lock_guard lock(mutex_);
  Ring ring = TRY(ReadRing(store_, provider));
  store::Batch batch;
  batch.expectations = {{NextKey(provider), ring.version}};
  TRY_VOID(DropOld(store_, provider, request.at, ring, batch));
  batch.puts = {{EvidenceKey(provider, ring.next),
                 JsonBytes(json::Object{{"type", policy::Name(request.type)},
                                        {"at", FormatTime(request.at)},
                                        {"body", request.body}})},
                {NextKey(provider),
                 JsonBytes(json::Object{{"next", ring.next + 1}, {"count", ring.count + 1}})}};
  return store_.Commit(batch).map([](std::uint64_t) {});
}

Result<void> EvidenceBook::Visit(const Provider& provider, Time from, Time now,
                                 const std::function<Result<void>(const RecordedRequest&)>& visit) {
  const std::string prefix = Prefix(provider);
  for (Bytes after;;) {
    const std::vector<store::Entry> page = TRY(store_.Scan(AsBytes(prefix), after, kPage));
    for (const store::Entry& entry : page) {
      const RecordedRequest request = TRY(RequestFrom(entry));
      if (request.at < std::max(from, Oldest(provider, now))) continue;
      TRY_VOID(visit(request));
    }
    if (page.size() < kPage) return {};
    after = page.back().key;
  }
}

Result<void> EvidenceBook::Forget(const Provider& provider) {
  const std::string prefix = Prefix(provider);
  for (;;) {
    const std::vector<store::Entry> page = TRY(store_.Scan(AsBytes(prefix), {}, kPage));
    store::Batch batch;
    for (const store::Entry& entry : page) batch.deletes.push_back(entry.key);
    if (page.empty()) batch.deletes.push_back(NextKey(provider));
    TRY_VOID(store_.Commit(batch).map([](std::uint64_t) {}));
    if (page.empty()) return {};
  }
}

}  // namespace assay
