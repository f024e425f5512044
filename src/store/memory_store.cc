#include "store/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/limits.h"

namespace assay::store {
namespace {

class MemoryStore final : public Store {
 public:
  Result<std::optional<Entry>> Get(View key) override {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(ToBytes(key));
    if (found == entries_.end()) return std::optional<Entry>();
    return std::optional<Entry>(found->second);
  }

  Result<std::vector<Entry>> Scan(View prefix, View after, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    limit = std::min(limit, limits::kStoreScan);
    std::vector<Entry> out;
    const Bytes from = std::max(ToBytes(prefix), ToBytes(after));
    auto it = entries_.lower_bound(from);
    if (it != entries_.end() && !after.empty() && Equal(it->first, after)) ++it;
    for (; it != entries_.end() && out.size() < limit; ++it) {
      const View key = it->first;
      if (key.size() < prefix.size() || !Equal(key.first(prefix.size()), prefix)) break;
      out.push_back(it->second);
    }
    return out;
  }

  Result<std::uint64_t> Commit(const Batch& batch) override {
    TRY_VOID(CheckBatch(batch));
    const std::lock_guard lock(mutex_);
    for (const Expectation& one : batch.expectations) {
      const auto found = entries_.find(one.key);
      const std::uint64_t version = found == entries_.end() ? 0 : found->second.version;
      if (version != one.version) return Conflict(one, version);
    }
    ++version_;
    for (const Bytes& key : batch.deletes) entries_.erase(key);
    for (const Put& one : batch.puts) entries_[one.key] = Entry{one.key, one.value, version_};
    return version_;
  }

  Result<std::uint64_t> Version() override {
    const std::lock_guard lock(mutex_);
    return version_;
  }

 private:
  std::mutex mutex_;  // guards entries_ and version_
  std::map<Bytes, Entry> entries_;
  std::uint64_t version_ = 0;
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore() { return std::make_unique<MemoryStore>(); }

}  // namespace assay::store
