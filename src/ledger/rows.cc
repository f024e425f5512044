#include "ledger/rows.h"

#include <fmt/format.h>

#include <charconv>

#include "base/cbor.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/aes_gcm.h"
#include "crypto/hmac.h"

namespace assay::ledger {
namespace {

constexpr std::size_t kSealedMost = 1024;  // a name or a user, with nonce and tag
constexpr std::size_t kIndexDigits = 16;

// One for each sequence of texts: CBOR has no two encodings of one, and no one of two.
Hash RowId(const SecretBytes& data_key, std::initializer_list<std::string_view> texts) {
  CborWriter out;
  out.Array(texts.size());
  for (const std::string_view text : texts) out.Text(text);
  return HmacSha256(data_key.view(), out.Take());
}

Bytes RowWithId(std::string_view prefix, const Hash& id) {
  return ToBytes(AsBytes(std::string(prefix) + HexEncode(id)));
}

SecretBytes RowSecret(const SecretBytes& data_key, View row_key) {
  Bytes label = ToBytes(AsBytes("assay ledger row"));
  Append(label, row_key);
  Sha256Digest key = HmacSha256(data_key.view(), label);
  SecretBytes out{View(key)};
  Cleanse(key);
  return out;
}

}  // namespace

Bytes ListPrefixOf(const Hash& list) {
  return ToBytes(AsBytes(fmt::format("{}{}/", kListPrefix, HexEncode(list))));
}

Bytes ListKey(const Hash& list, std::uint64_t index) {
  Bytes out = ListPrefixOf(list);
  Append(out, AsBytes(fmt::format("{:016x}", index)));
  return out;
}

std::optional<std::uint64_t> IndexInList(View key) {
  const std::string_view text = AsText(key);
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || text.size() - slash - 1 != kIndexDigits) {
    return std::nullopt;
  }
  std::uint64_t out = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + slash + 1, end, out, 16);
  return read.ec == std::errc() && read.ptr == end ? std::optional(out) : std::nullopt;
}

Hash CollectionList(const SecretBytes& data_key, std::string_view collection) {
  return RowId(data_key, {"assay ledger collection", collection});
}

Hash TagList(const SecretBytes& data_key, std::string_view collection, std::string_view tag) {
  return RowId(data_key, {"assay ledger tag", collection, tag});
}

std::vector<Hash> ListsOf(const SecretBytes& data_key, const ApplicationEntry& entry) {
  std::vector<Hash> out{CollectionList(data_key, entry.collection)};
  for (const std::string& tag : entry.tags) {
    out.push_back(TagList(data_key, entry.collection, tag));
  }
  return out;
}

Bytes NameKey(const SecretBytes& data_key, std::string_view collection) {
  return RowWithId(kNamePrefix, RowId(data_key, {"assay ledger name", collection}));
}

Bytes UserKey(const SecretBytes& data_key, std::string_view user) {
  return RowWithId(kUserPrefix, RowId(data_key, {"assay ledger user", user}));
}

Latest LatestOf(const SecretBytes& data_key, const ApplicationEntry& entry) {
  return {NameKey(data_key, entry.collection), ToBytes(AsBytes(entry.collection))};
}

Result<Latest> LatestOf(const SecretBytes& data_key, const LedgerUser& user) {
  Bytes says = TRY(EncodeLedgerUser(user));
  return Latest{UserKey(data_key, user.id), std::move(says)};
}

Bytes EncodeLatestRow(const LatestRow& row) {
  return CborWriter().Array(2).Unsigned(row.index).ByteString(row.sealed).Take();
}

Result<LatestRow> DecodeLatestRow(View bytes) {
  CborReader reader(bytes, "ledger row");
  TRY_VOID(reader.ArrayOf("row", 2));
  LatestRow out;
  out.index = TRY(reader.Unsigned("index"));
  out.sealed = ToBytes(TRY(reader.ByteString("sealed", kSealedMost)));
  TRY_VOID(reader.ExpectEnd());
  return out;
}

Result<Bytes> SealLatest(const SecretBytes& data_key, const Latest& latest) {
  const GcmSealed sealed =
      TRY(SealGcm(RowSecret(data_key, latest.key).view(), latest.key, latest.says));
  return PackGcm(sealed);
}

Result<Bytes> OpenLatest(const SecretBytes& data_key, View row_key, View sealed) {
  const GcmSealed packed = TRY(UnpackGcm(sealed));
  const SecretBytes plain = TRY(OpenGcm(RowSecret(data_key, row_key).view(), row_key, packed));
  return ToBytes(plain.view());
}

Result<EntryRows> RowsOf(const SecretBytes& data_key, const ApplicationEntry& entry) {
  EntryRows out;
  out.lists = ListsOf(data_key, entry);
  Latest name = LatestOf(data_key, entry);
  Bytes sealed = TRY(SealLatest(data_key, name));
  out.latest.push_back({std::move(name.key), std::move(sealed)});
  return out;
}

Result<EntryRows> RowsOf(const SecretBytes& data_key, const LedgerUser& user) {
  EntryRows out;
  Latest row = TRY(LatestOf(data_key, user));
  Bytes sealed = TRY(SealLatest(data_key, row));
  out.latest.push_back({std::move(row.key), std::move(sealed)});
  return out;
}

}  // namespace assay::ledger
