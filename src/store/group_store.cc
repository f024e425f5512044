#include "store/group_store.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/limits.h"
#include "base/work_pool.h"

namespace assay::store {
namespace {

struct Waiting {
  const Batch& batch;
  std::optional<Result<std::uint64_t>> result;  // guarded by the store's mutex
};

std::string Text(View key) { return std::string(AsText(key)); }

// What a group writes so far.
class Group {
 public:
  // False if it must wait: it touches what another batch writes, or the group is full.
  bool Take(Waiting& one) {
    const Batch& batch = one.batch;
    const std::size_t size = batch.puts.size() + batch.deletes.size() + batch.expectations.size();
    const bool full =
        entries_ + size > limits::kStoreBatch || members_.size() == limits::kGroupCommit;
    if (full && !members_.empty()) return false;
    for (const Expectation& it : batch.expectations) {
      if (written_.contains(Text(it.key))) return false;
      const auto other = expected_.find(Text(it.key));
      if (other != expected_.end() && other->second != it.version) return false;
    }
    for (const Put& put : batch.puts) {
      if (written_.contains(Text(put.key))) return false;
    }
    for (const Bytes& key : batch.deletes) {
      if (written_.contains(Text(key))) return false;
    }
    for (const Expectation& it : batch.expectations) expected_.emplace(Text(it.key), it.version);
    for (const Put& put : batch.puts) written_.insert(Text(put.key));
    for (const Bytes& key : batch.deletes) written_.insert(Text(key));
    entries_ += size;
    members_.push_back(&one);
    return true;
  }

  const std::vector<Waiting*>& members() const { return members_; }

  Batch Merged() const {
    Batch out;
    for (const auto& [key, version] : expected_) {
      out.expectations.push_back({ToBytes(AsBytes(key)), version});
    }
    for (const Waiting* one : members_) {
      out.puts.insert(out.puts.end(), one->batch.puts.begin(), one->batch.puts.end());
      out.deletes.insert(out.deletes.end(), one->batch.deletes.begin(), one->batch.deletes.end());
    }
    return out;
  }

 private:
  std::vector<Waiting*> members_;
  std::map<std::string, std::uint64_t> expected_;  // the same of all members
  std::set<std::string> written_;
  std::size_t entries_ = 0;
};

class GroupStore final : public Store {
 public:
  explicit GroupStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  Result<std::optional<Entry>> Get(View key) override { return inner_->Get(key); }
  Result<std::vector<Entry>> Scan(View prefix, View after, std::size_t limit) override {
    return inner_->Scan(prefix, after, limit);
  }
  Result<std::uint64_t> Version() override { return inner_->Version(); }

  // Whoever finds nobody at work commits for all that wait, and then for those who came meanwhile,
  // until its own is done.
  Result<std::uint64_t> Commit(const Batch& batch) override {
    TRY_VOID(CheckBatch(batch));
    const WaitsOutside waits;
    Waiting mine{batch, std::nullopt};
    std::unique_lock lock(mutex_);
    queue_.push_back(&mine);
    while (!mine.result) {
      if (working_) {
        done_.wait(lock);
        continue;
      }
      working_ = true;
      const Group group = TakeGroup();
      lock.unlock();
      auto results = CommitGroup(group);
      lock.lock();
      for (std::size_t i = 0; i < results.size(); ++i) {
        group.members()[i]->result = std::move(results[i]);
      }
      working_ = false;
      done_.notify_all();
    }
    return std::move(*mine.result);
  }

 private:
  Group TakeGroup() {
    Group out;
    while (!queue_.empty() && out.Take(*queue_.front())) queue_.pop_front();
    return out;
  }

  std::vector<Result<std::uint64_t>> CommitGroup(const Group& group) {
    std::vector<Result<std::uint64_t>> out;
    const Result<std::uint64_t> together = inner_->Commit(group.Merged());
    const bool alone = group.members().size() == 1;
    const bool conflict = !together && together.error().code == ErrorCode::kConflict;
    for (const Waiting* one : group.members()) {
      out.push_back(conflict && !alone ? inner_->Commit(one->batch) : together);
    }
    return out;
  }

  const std::unique_ptr<Store> inner_;
  std::mutex mutex_;  // never held while the inner store works
  std::condition_variable done_;
  std::deque<Waiting*> queue_;  // guarded by mutex_; each lives until it has its result
  bool working_ = false;        // guarded by mutex_
};

}  // namespace

std::unique_ptr<Store> GroupCommits(std::unique_ptr<Store> inner) {
  return std::make_unique<GroupStore>(std::move(inner));
}

}  // namespace assay::store
