#include "ledger/pending.h"

#include <utility>

#include "base/work_pool.h"

namespace assay::ledger {

void Pending::Answer() {
  {
    const std::lock_guard lock(mutex_);
    answered_ = true;
  }
  wake_.notify_one();
  // What it refers to may refer to this.
  if (then_) std::exchange(then_, nullptr)();
}

void Pending::Await() {
  const WaitsOutside waits;
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return answered_; });
}

void Pending::Then(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (!answered_) {
      then_ = std::move(call);
      return;
    }
  }
  call();
}

Answerer::Answerer() : thread_([this] { Run(); }) {}

Answerer::~Answerer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Answerer::Answer(PendingGroup group) {
  {
    const std::lock_guard lock(mutex_);
    groups_.push_back(std::move(group));
  }
  wake_.notify_one();
}

void Answerer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !groups_.empty(); });
    if (groups_.empty()) return;
    const PendingGroup group = std::move(groups_.front());
    groups_.pop_front();
    lock.unlock();
    for (const auto& one : group) one->Answer();
    lock.lock();
  }
}

}  // namespace assay::ledger
