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
  // Who gives its place away wakes another thread to take it: only for what is to be waited for.
  if (Answered()) return;
  const WaitsOutside waits;
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return answered_; });
}

bool Pending::Answered() {
  const std::lock_guard lock(mutex_);
  return answered_;
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

Answerer::Answerer(std::function<void()> when_done)
    : when_done_(std::move(when_done)), thread_([this] { Run(); }) {}

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

bool Answerer::busy() const {
  const std::lock_guard lock(mutex_);
  return !groups_.empty();
}

void Answerer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !groups_.empty(); });
    if (groups_.empty()) return;
    const PendingGroup group = std::move(groups_.front());
    lock.unlock();
    for (const auto& one : group) one->Answer();
    lock.lock();
    groups_.pop_front();
    if (!groups_.empty()) continue;
    lock.unlock();
    when_done_();
    lock.lock();
  }
}

}  // namespace assay::ledger
