// The rows that find entries of applications and users without reading the whole ledger.
//
//   ledger/list/LIST/INDEX  an entry on a list: that of a collection, or of a tag in one; empty
//   ledger/name/ID          [index, sealed name]: a collection, and the newest entry of it
//   ledger/user/ID          [index, sealed user]: a user, and the newest record about him
//
// LIST and ID are HMACs under the data key: who has the database alone learns how many there are
// and how large they are, no name. What is sealed rests under AES-256-GCM with a key of its row
// alone, HMAC-SHA256(data key, "assay ledger row" ‖ the row's key), and that key as additional
// data. All rows of an entry are written in its commit, and all can be made again from the bodies:
// the audit does, and compares.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret.h"
#include "ledger/application_entry.h"
#include "ledger/ledger_user.h"
#include "ledger/merkle.h"
#include "store/store.h"

namespace assay::ledger {

inline constexpr std::string_view kListPrefix = "ledger/list/";
inline constexpr std::string_view kNamePrefix = "ledger/name/";
inline constexpr std::string_view kUserPrefix = "ledger/user/";

Bytes ListPrefixOf(const Hash& list);  // of its rows
Bytes ListKey(const Hash& list, std::uint64_t index);
// The index of a row of a list; nothing if it is none.
std::optional<std::uint64_t> IndexInList(View key);

Hash CollectionList(const SecretBytes& data_key, std::string_view collection);
Hash TagList(const SecretBytes& data_key, std::string_view collection, std::string_view tag);
// All that the entry is on.
std::vector<Hash> ListsOf(const SecretBytes& data_key, const ApplicationEntry& entry);

// Something of which an entry is the newest word.
struct Latest {
  Bytes key;   // of its row
  Bytes says;  // in the clear
};
Latest LatestOf(const SecretBytes& data_key, const ApplicationEntry& entry);
Result<Latest> LatestOf(const SecretBytes& data_key, const LedgerUser& user);
Bytes NameKey(const SecretBytes& data_key, std::string_view collection);
Bytes UserKey(const SecretBytes& data_key, std::string_view user);

struct LatestRow {
  std::uint64_t index = 0;
  Bytes sealed;
};
Bytes EncodeLatestRow(const LatestRow& row);
Result<LatestRow> DecodeLatestRow(View bytes);
Result<Bytes> SealLatest(const SecretBytes& data_key, const Latest& latest);
// kInvalidArgument unless it was sealed for that row under that key.
Result<Bytes> OpenLatest(const SecretBytes& data_key, View row_key, View sealed);

// What goes into an entry's commit beside it.
struct EntryRows {
  std::vector<Hash> lists;         // those that the entry is on
  std::vector<Hash> left;          // of a redaction: those that the redacted entry was on
  std::vector<store::Put> latest;  // with what is sealed as values; the index comes before it

  std::size_t size() const { return lists.size() + left.size() + latest.size(); }
};
Result<EntryRows> RowsOf(const SecretBytes& data_key, const ApplicationEntry& entry);
Result<EntryRows> RowsOf(const SecretBytes& data_key, const LedgerUser& user);

}  // namespace assay::ledger
