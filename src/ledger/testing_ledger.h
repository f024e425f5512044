// For tests: a ledger in memory, and a store that fails when it is told to.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "ledger/ledger.h"
#include "store/memory_store.h"

namespace assay::ledger {

// Passes everything on, and lets a test stand in the way of commits.
class ObservedStore final : public store::Store {
 public:
  Result<std::optional<store::Entry>> Get(View key) override {
    ++gets;
    return inner_->Get(key);
  }
  Result<std::vector<store::Entry>> Scan(View prefix, View after, std::size_t limit) override {
    ++scans;
    return inner_->Scan(prefix, after, limit);
  }
  Result<std::uint64_t> Version() override { return inner_->Version(); }
  Result<std::uint64_t> Commit(const store::Batch& batch) override {
    ++commits;
    std::this_thread::sleep_for(commit_takes);
    if (before_commit) TRY_VOID(before_commit());
    const std::uint64_t version = TRY(inner_->Commit(batch));
    if (after_commit) TRY_VOID(after_commit());
    return version;
  }

  // Behind the ledger's back.
  void Put(View key, View value) {
    store::Batch batch;
    batch.puts.push_back({ToBytes(key), ToBytes(value)});
    inner_->Commit(batch).value();
  }
  void Erase(View key) {
    store::Batch batch;
    batch.deletes.push_back(ToBytes(key));
    inner_->Commit(batch).value();
  }
  std::vector<store::Entry> Rows() { return store::ScanAll(*inner_, AsBytes("")).value(); }
  // The rows of another moment, and nothing else.
  void Restore(const std::vector<store::Entry>& rows) {
    for (const store::Entry& row : Rows()) Erase(row.key);
    for (const store::Entry& row : rows) Put(row.key, row.value);
  }

  std::atomic<std::size_t> gets{0}, scans{0}, commits{0};
  std::chrono::microseconds commit_takes{0};
  std::function<Result<void>()> before_commit, after_commit;

 private:
  const std::unique_ptr<store::Store> inner_ = store::NewMemoryStore();
};

inline LedgerKeys TestKeys(std::string origin = "log.example/test") {
  return {std::move(origin), Ed25519Key::FromSeed(Bytes(32, std::byte{9})).value(),
          SecretBytes(View(Bytes(kDataKeyBytes, std::byte{4})))};
}

inline Record TestRecord(std::uint64_t n) {
  Record out;
  out.verdict = RecordVerdict::kPermitted;
  out.time = FromUnixSeconds(1'764'590'400 + static_cast<std::int64_t>(n));
  out.subject = "machine " + std::to_string(n);
  return out;
}

inline void AppendTests(Ledger& ledger, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) ledger.Append(TestRecord(i)).value();
}

}  // namespace assay::ledger
