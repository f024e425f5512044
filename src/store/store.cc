#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay::store {
namespace {

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, "store: " + std::move(message));
}

// Keys are text by convention; one that is not is shown in hexadecimal.
std::string Shown(View key) {
  const bool text = std::all_of(key.begin(), key.end(),
                                [](std::byte b) { return ToU8(b) >= 0x20 && ToU8(b) < 0x7F; });
  return text ? std::string(AsText(key)) : "0x" + HexEncode(key);
}

Result<void> CheckKey(View key) {
  if (key.empty()) return Wrong("a key is empty");
  if (key.size() > limits::kStoreKeyBytes) {
    return Wrong(fmt::format("a key has {} bytes, at most {} are accepted", key.size(),
                             limits::kStoreKeyBytes));
  }
  return {};
}

}  // namespace

Result<void> CheckBatch(const Batch& batch) {
  const std::size_t operations =
      batch.expectations.size() + batch.puts.size() + batch.deletes.size();
  if (operations > limits::kStoreBatch) {
    return Wrong(fmt::format("a batch has {} operations, at most {} are accepted", operations,
                             limits::kStoreBatch));
  }
  std::vector<View> written;
  for (const Expectation& one : batch.expectations) TRY_VOID(CheckKey(one.key));
  for (const Put& one : batch.puts) {
    TRY_VOID(CheckKey(one.key));
    if (one.value.size() > limits::kStoreValueBytes) {
      return Wrong(fmt::format("the value of {} has {} bytes, at most {} are accepted",
                               Shown(one.key), one.value.size(), limits::kStoreValueBytes));
    }
    written.emplace_back(one.key);
  }
  for (const Bytes& key : batch.deletes) {
    TRY_VOID(CheckKey(key));
    written.emplace_back(key);
  }
  std::sort(written.begin(), written.end(), [](View a, View b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  });
  const auto twice = std::adjacent_find(written.begin(), written.end(), Equal);
  if (twice != written.end()) return Wrong("a batch writes " + Shown(*twice) + " twice");
  return {};
}

tl::unexpected<Error> Conflict(const Expectation& expectation, std::uint64_t found) {
  const auto said = [](std::uint64_t version) {
    return version == 0 ? std::string("no entry") : fmt::format("version {}", version);
  };
  return Fail(ErrorCode::kConflict,
              fmt::format("store: {}: expected {}, found {}", Shown(expectation.key),
                          said(expectation.version), said(found)),
              "somebody else changed it meanwhile: read it again, then decide again");
}

Result<std::vector<Entry>> ScanAll(Store& store, View prefix) {
  std::vector<Entry> out;
  for (Bytes after;;) {
    std::vector<Entry> some = TRY(store.Scan(prefix, after, limits::kStoreScan));
    const bool last = some.size() < limits::kStoreScan;
    if (!last) after = some.back().key;
    std::move(some.begin(), some.end(), std::back_inserter(out));
    if (last) return out;
  }
}

}  // namespace assay::store
