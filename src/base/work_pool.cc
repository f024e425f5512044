#include "base/work_pool.h"

#include <utility>

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

// The pool in which this thread has a place; null while it has none.
thread_local WorkPool* at_work = nullptr;

}  // namespace

WorkPool::WorkPool(unsigned places, unsigned threads, std::chrono::milliseconds patience,
                   std::function<void()> when_free)
    : places_(static_cast<int>(places)), patience_(patience), when_free_(std::move(when_free)) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void WorkPool::Submit(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back({std::move(task), Clock::now()});
  CallSomebody();
}

bool WorkPool::busy() const {
  const std::lock_guard lock(mutex_);
  return IsBusy();
}

void WorkPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    CallAll();
  }
  for (std::thread& one : threads_) one.join();
  threads_.clear();
}

void WorkPool::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!MayBegin()) {
      if (stopping_ && tasks_.empty()) {
        CallAll();  // those who still saw tasks when they were told to stop
        return;
      }
      Idle(lock);
    }
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++working_;
    // Who watched may be this thread: those that still wait need another.
    if (!tasks_.empty() && !watched_ && called_ == 0) CallSomebody();
    lock.unlock();
    at_work = this;
    task.run();
    task.run = nullptr;
    at_work = nullptr;
    lock.lock();
    --working_;
    if (IsBusy() || !when_free_) continue;
    lock.unlock();
    when_free_();
    lock.lock();
  }
}

// There is a place, or the first task has waited for too long.
bool WorkPool::MayBegin() const {
  if (tasks_.empty()) return false;
  return working_ < places_ || Clock::now() - tasks_.front().since >= patience_;
}

void WorkPool::Idle(std::unique_lock<std::mutex>& lock) {
  if (!tasks_.empty() && !watched_) {
    watched_ = true;
    wake_watcher_.wait_until(lock, tasks_.front().since + patience_);
    watched_ = false;
    return;
  }
  Idler self;
  idle_.push_back(&self);
  self.wake.wait(lock, [&self] { return self.called; });
  --called_;
}

// For a task that came: to do it where there is a place, else to watch it. Nobody, when enough are
// on their way: who has done a task begins the next by itself.
void WorkPool::CallSomebody() {
  const bool place = working_ + called_ < places_;
  if (!place && watched_) return;
  if (!idle_.empty()) {
    Idler& last = *idle_.back();
    idle_.pop_back();
    ++called_;
    last.called = true;
    last.wake.notify_one();
  } else if (watched_) {
    wake_watcher_.notify_one();
  }
}

void WorkPool::CallAll() {
  for (Idler* const one : idle_) {
    ++called_;
    one->called = true;
    one->wake.notify_one();
  }
  idle_.clear();
  wake_watcher_.notify_one();
}

void WorkPool::GiveAway() {
  {
    const std::lock_guard lock(mutex_);
    --working_;
    if (!tasks_.empty()) CallSomebody();
    if (IsBusy()) return;
  }
  if (when_free_) when_free_();
}

void WorkPool::TakeAgain() {
  const std::lock_guard lock(mutex_);
  ++working_;
}

WaitsOutside::WaitsOutside() : pool_(std::exchange(at_work, nullptr)) {
  if (pool_ != nullptr) pool_->GiveAway();
}

WaitsOutside::~WaitsOutside() {
  if (pool_ == nullptr) return;
  pool_->TakeAgain();
  at_work = pool_;
}

}  // namespace assay
