#include "ledger/applications.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "ledger/book.h"

namespace assay::ledger {
namespace {

tl::unexpected<Error> NoApplicationEntry(std::uint64_t index, std::string_view why) {
  return Fail(ErrorCode::kMissing,
              fmt::format("ledger: transaction {} {}", ToText(TransactionOf(index)), why));
}

// Behind the prefix: what a page begins after.
std::string_view NameOfRow(View key, std::string_view prefix) {
  return AsText(key).substr(prefix.size());
}

// A full page may have another behind it.
template <typename T>
void SetNext(NamePage<T>& page, std::vector<store::Entry>& rows, std::string_view prefix,
             std::size_t limit) {
  if (rows.size() <= limit) return;
  rows.resize(limit);
  page.next = std::string(NameOfRow(rows.back().key, prefix));
}

}  // namespace

Result<ApplicationEntry> Applications::Get(std::uint64_t index) const {
  const EntryRow row = TRY(ReadEntry(store_, index));
  const Bytes* const sealed = row.sealed();
  if (sealed == nullptr) return NoApplicationEntry(index, "was redacted");
  const OpenedBody opened = TRY(OpenEntry(data_key_, row.leaf, *sealed));
  Body body = TRY(DecodeBody(opened.body));
  ApplicationEntry* const entry = std::get_if<ApplicationEntry>(&body);
  if (entry == nullptr) return NoApplicationEntry(index, "is no entry of an application");
  return std::move(*entry);
}

Result<EntryPage> Applications::List(const EntryQuery& query) const {
  const Hash list = query.tag.empty() ? CollectionList(data_key_, query.collection)
                                      : TagList(data_key_, query.collection, query.tag);
  // The scan begins behind a key.
  const Bytes after = query.first == 0 ? Bytes() : ListKey(list, query.first - 1);
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, limits::kLedgerPage);
  const auto rows = TRY(store_.Scan(ListPrefixOf(list), after, limit + 1));
  EntryPage out;
  std::size_t bytes = 0;
  for (const store::Entry& row : rows) {
    const auto index = IndexInList(row.key);
    if (!index || *index > query.last) return out;
    if (out.entries.size() == limit || bytes > limits::kLedgerPageBytes) {
      out.next = *index;
      return out;
    }
    auto entry = Get(*index);
    // Redacted since the list was read.
    if (!entry && entry.error().code == ErrorCode::kMissing) continue;
    if (!entry) return tl::unexpected(std::move(entry.error()));
    bytes += entry->contents.size();
    out.entries.push_back({*index, std::move(*entry)});
  }
  return out;
}

Result<FoundEntry> Applications::Newest(std::string_view collection) const {
  const auto row = TRY(store_.Get(NameKey(data_key_, collection)));
  if (!row) {
    return Fail(ErrorCode::kMissing,
                fmt::format("ledger: the collection \"{}\" has no entry", collection));
  }
  const LatestRow latest = TRY(DecodeLatestRow(row->value));
  ApplicationEntry entry = TRY(Get(latest.index));
  return FoundEntry{latest.index, std::move(entry)};
}

Result<std::vector<store::Entry>> Applications::NameRows(std::string_view prefix,
                                                         std::string_view after,
                                                         std::size_t limit) const {
  const bool is_id = after.size() == 2 * sizeof(Hash) && HexDecode(after).has_value();
  if (!after.empty() && !is_id) {
    return Fail(ErrorCode::kInvalidArgument, "ledger: a page begins after no such row");
  }
  const Bytes from =
      after.empty() ? Bytes() : ToBytes(AsBytes(std::string(prefix) + std::string(after)));
  return store_.Scan(AsBytes(prefix), from, limit + 1);
}

Result<NamePage<std::string>> Applications::Collections(std::string_view after,
                                                        std::size_t limit) const {
  auto rows = TRY(NameRows(kNamePrefix, after, limit));
  NamePage<std::string> out;
  SetNext(out, rows, kNamePrefix, limit);
  for (const store::Entry& row : rows) {
    const LatestRow latest = TRY(DecodeLatestRow(row.value));
    const Bytes name = TRY(OpenLatest(data_key_, row.key, latest.sealed));
    out.items.emplace_back(AsText(name));
  }
  return out;
}

Result<NamePage<LedgerUser>> Applications::Users(std::string_view after, std::size_t limit) const {
  auto rows = TRY(NameRows(kUserPrefix, after, limit));
  NamePage<LedgerUser> out;
  SetNext(out, rows, kUserPrefix, limit);
  for (const store::Entry& row : rows) {
    const LatestRow latest = TRY(DecodeLatestRow(row.value));
    const Bytes says = TRY(OpenLatest(data_key_, row.key, latest.sealed));
    LedgerUser user = TRY(DecodeLedgerUser(says));
    if (!user.roles.empty()) out.items.push_back(std::move(user));
  }
  return out;
}

Result<std::optional<LedgerUser>> Applications::User(std::string_view id) const {
  const auto row = TRY(store_.Get(UserKey(data_key_, id)));
  if (!row) return std::optional<LedgerUser>();
  const LatestRow latest = TRY(DecodeLatestRow(row->value));
  const Bytes says = TRY(OpenLatest(data_key_, row->key, latest.sealed));
  LedgerUser user = TRY(DecodeLedgerUser(says));
  if (user.roles.empty() || user.id != id) return std::optional<LedgerUser>();
  return std::optional(std::move(user));
}

}  // namespace assay::ledger
