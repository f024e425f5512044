// What applications wrote, found by collection, tag and range, and who may use the ledger: readers
// of the rows of ledger/rows.h. A page costs what it returns, however large the ledger is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/rows.h"
#include "store/store.h"

namespace assay::ledger {

struct FoundEntry {
  std::uint64_t index = 0;
  ApplicationEntry entry;
};
struct EntryPage {
  std::vector<FoundEntry> entries;
  std::optional<std::uint64_t> next;  // where the next page begins; nothing: this is the last
};
struct EntryQuery {
  std::string_view collection;
  std::string_view tag;     // empty: all
  std::uint64_t first = 0;  // indices, both included
  std::uint64_t last = ~std::uint64_t{0};
  std::size_t limit = 0;  // entries; fewer come when their contents are large
};

template <typename T>
struct NamePage {
  std::vector<T> items;
  std::string next;  // the next page begins behind it; empty: this is the last
};

// Safe for concurrent use. Store and key outlive it.
class Applications {
 public:
  Applications(store::Store& store, const SecretBytes& data_key)
      : store_(store), data_key_(data_key) {}

  // kMissing when there is no such entry, it is none of an application, or its body was redacted.
  Result<ApplicationEntry> Get(std::uint64_t index) const;
  Result<EntryPage> List(const EntryQuery& query) const;
  // The newest entry of a collection. kMissing when it has none, or that one was redacted.
  Result<FoundEntry> Newest(std::string_view collection) const;
  // In no order that means anything; `after` is the `next` of the page before.
  Result<NamePage<std::string>> Collections(std::string_view after, std::size_t limit) const;
  Result<NamePage<LedgerUser>> Users(std::string_view after, std::size_t limit) const;
  // Nothing when there is none.
  Result<std::optional<LedgerUser>> User(std::string_view id) const;

 private:
  Result<std::vector<store::Entry>> NameRows(std::string_view prefix, std::string_view after,
                                             std::size_t limit) const;

  store::Store& store_;
  const SecretBytes& data_key_;
};

}  // namespace assay::ledger
