#include "ledger/application_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/cbor.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace assay::ledger {
namespace {

constexpr std::uint64_t kApplicationFormat = 2;
constexpr std::size_t kApplicationFields = 6;

tl::unexpected<Error> EntryError(std::string what) {
  return Fail(ErrorCode::kInvalidArgument, "ledger entry: " + std::move(what));
}

Result<void> CheckApplicationEntry(const ApplicationEntry& entry) {
  TRY_VOID(CheckLedgerName(entry.collection, "collection"));
  for (const std::string& tag : entry.tags) TRY_VOID(CheckLedgerName(tag, "tag"));
  if (entry.tags.size() > limits::kLedgerTags) {
    return EntryError(fmt::format("it has {} tags, at most {} are accepted", entry.tags.size(),
                                  limits::kLedgerTags));
  }
  if (std::adjacent_find(entry.tags.begin(), entry.tags.end(), std::greater_equal<>()) !=
      entry.tags.end()) {
    return EntryError("its tags do not ascend");
  }
  if (entry.author.size() > limits::kLedgerTextBytes ||
      entry.contents.size() > limits::kLedgerContentsBytes) {
    return EntryError(fmt::format("expected contents of at most {} bytes, found {}",
                                  limits::kLedgerContentsBytes, entry.contents.size()));
  }
  if (!IsUtf8(entry.author) || !IsUtf8(entry.contents)) return EntryError("expected UTF-8");
  if (UnixSeconds(entry.time) < 0) return EntryError("its time is before 1970");
  return {};
}

}  // namespace

Result<void> CheckLedgerName(std::string_view name, std::string_view what) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (!name.empty() && name.size() <= limits::kLedgerNameBytes && !control && IsUtf8(name)) {
    return {};
  }
  return EntryError(
      fmt::format("{}: expected 1 to {} bytes of UTF-8 without control characters, "
                  "found {} bytes",
                  what, limits::kLedgerNameBytes, name.size()));
}

Result<Bytes> EncodeApplicationEntry(const ApplicationEntry& entry) {
  TRY_VOID(CheckApplicationEntry(entry));
  CborWriter out;
  out.Array(kApplicationFields).Unsigned(kApplicationFormat).Integer(UnixSeconds(entry.time));
  out.Text(entry.author).Text(entry.collection).Array(entry.tags.size());
  for (const std::string& tag : entry.tags) out.Text(tag);
  return out.Text(entry.contents).Take();
}

Result<ApplicationEntry> DecodeApplicationEntry(View body) {
  CborReader reader(body, "ledger entry");
  TRY_VOID(reader.ArrayOf("entry", kApplicationFields));
  if (TRY(reader.Unsigned("format")) != kApplicationFormat) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("ledger entry: expected format {}", kApplicationFormat));
  }
  ApplicationEntry out;
  const std::int64_t seconds = TRY(reader.Integer("time"));
  out.time = FromUnixSeconds(seconds);
  out.author = TRY(reader.Text("author", limits::kLedgerTextBytes));
  out.collection = TRY(reader.Text("collection", limits::kLedgerNameBytes));
  const std::size_t tags = TRY(reader.Array("tags", limits::kLedgerTags));
  for (std::size_t i = 0; i < tags; ++i) {
    out.tags.emplace_back(TRY(reader.Text("tag", limits::kLedgerNameBytes)));
  }
  out.contents = TRY(reader.Text("contents", limits::kLedgerContentsBytes));
  TRY_VOID(reader.ExpectEnd());
  TRY_VOID(CheckApplicationEntry(out));
  return out;
}

Result<Body> DecodeBody(View body) {
  CborReader reader(body, "ledger body");
  TRY(reader.Array("body", kApplicationFields + 100));
  if (TRY(reader.Unsigned("format")) == kApplicationFormat) return DecodeApplicationEntry(body);
  return DecodeRecord(body);
}

json::Object ApplicationEntryJson(const ApplicationEntry& entry) {
  json::Array tags;
  for (const std::string& tag : entry.tags) tags.emplace_back(tag);
  return {{"time", FormatTime(entry.time)},
          {"author", entry.author},
          {"collection", entry.collection},
          {"tags", std::move(tags)},
          {"contents", entry.contents}};
}

}  // namespace assay::ledger
