// What the service must not lose: an ordered map of bytes to bytes, changed in batches that hold
// whole or not at all.
//
//   Batch batch;
//   batch.expectations.push_back({key, entry.version});   // or 0: nothing is there yet
//   batch.puts.push_back({key, value});
//   const std::uint64_t version = TRY(store.Commit(batch));
//
// Every commit has a version, one higher than the last; an entry has that of the commit which wrote
// it, so that a key deleted and written again never has an old version. When Commit returns, the
// batch is durable (memory: as long as the process).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::store {

struct Entry {
  Bytes key;
  Bytes value;
  std::uint64_t version = 0;  // from 1
};

struct Put {
  Bytes key;
  Bytes value;
};

struct Expectation {
  Bytes key;
  std::uint64_t version = 0;  // of the entry; 0: there is none
};

// No key may be written twice.
struct Batch {
  std::vector<Expectation> expectations;
  std::vector<Put> puts;
  std::vector<Bytes> deletes;  // of keys that may be absent
};

// Safe for concurrent use.
class Store {
 public:
  Store() = default;
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  virtual Result<std::optional<Entry>> Get(View key) = 0;
  // Those that begin with `prefix` and stand behind `after` (empty: from the first), in the order
  // of their bytes; at most `limit`, and never more than limits::kStoreScan.
  virtual Result<std::vector<Entry>> Scan(View prefix, View after, std::size_t limit) = 0;
  // The version of the commit. kConflict: an expectation does not hold, and nothing was changed.
  virtual Result<std::uint64_t> Commit(const Batch& batch) = 0;
  // Of the last commit, whoever made it; 0 before the first. Cheap: a reader asks whether anything
  // has changed at all.
  virtual Result<std::uint64_t> Version() = 0;
};

// What every store refuses: keys that are empty or too long, values and batches that are too large,
// a key written twice.
Result<void> CheckBatch(const Batch& batch);

// The error of an expectation that does not hold; `found` is the version, 0 for none.
tl::unexpected<Error> Conflict(const Expectation& expectation, std::uint64_t found);

// All entries under `prefix`, by as many scans as it takes.
Result<std::vector<Entry>> ScanAll(Store& store, View prefix);

}  // namespace assay::store
