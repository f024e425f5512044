// An entry that an application wrote: what Azure Confidential Ledger keeps for its clients. Beside
// decision records (ledger/record.h), the other kind of body.
//
// A deterministic CBOR array (RFC 8949 §4.2.1), whose first item tells it from a record:
//
//   [2, time, author, collection, [tags], contents]
//
// Tags are a set: they ascend.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/record.h"

namespace assay::ledger {

struct ApplicationEntry {
  Time time{};
  std::string author;  // who wrote it
  std::string collection;
  std::vector<std::string> tags;
  std::string contents;
  bool operator==(const ApplicationEntry&) const = default;
};

// kInvalidArgument unless it is 1 to kLedgerNameBytes bytes of UTF-8 without control characters.
Result<void> CheckLedgerName(std::string_view name, std::string_view what);

// kInvalidArgument for an entry that breaks a bound or is no UTF-8.
Result<Bytes> EncodeApplicationEntry(const ApplicationEntry& entry);
Result<ApplicationEntry> DecodeApplicationEntry(View body);

// The one or the other, by the first item.
using Body = std::variant<Record, ApplicationEntry>;
Result<Body> DecodeBody(View body);

json::Object ApplicationEntryJson(const ApplicationEntry& entry);

}  // namespace assay::ledger
