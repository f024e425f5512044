// Threads that work, no more of them at a time than there are processors.
//
// More threads at work than processors get in each other's way, and waking one costs more than many
// a task. But a thread that waits for a disk, a device or another host needs no processor. So there
// are more threads than places: a thread has a place while it works, and gives it away while it
// waits and says so.
//
//   pool.Submit([] { ...; { const WaitsOutside waits; Flush(); } ...; });
//
// Who comes back from waiting goes on at once, as others may wait for what it holds; then the next
// tasks begin later. A task that has waited for the patience begins in any case, should places be
// held by those who wait and do not say so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace assay {

// Safe for concurrent use.
class WorkPool {
 public:
  // `when_free` is told, outside of all locks, when a place was left and no task is there for it.
  WorkPool(unsigned places, unsigned threads, std::chrono::milliseconds patience,
           std::function<void()> when_free = {});
  ~WorkPool() { Stop(); }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Tasks begin in the order in which they came. They must not throw.
  void Submit(std::function<void()> task);
  // All places are taken, or tasks wait for one.
  bool busy() const;
  // Once there is no task any more; what is submitted afterwards is never done.
  void Stop();

 private:
  friend class WaitsOutside;

  struct Task {
    std::function<void()> run;
    std::chrono::steady_clock::time_point since;
  };

  void Work();
  bool MayBegin() const;
  bool IsBusy() const { return working_ >= places_ || !tasks_.empty(); }
  void Idle(std::unique_lock<std::mutex>& lock);
  void CallSomebody();
  void CallAll();
  void GiveAway();
  void TakeAgain();

  const int places_;
  const std::chrono::milliseconds patience_;
  const std::function<void()> when_free_;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Task> tasks_;
  int working_ = 0;  // more than places_ when some came back from waiting
  // Threads without a task. The last one is called first: its caches are the warmest.
  struct Idler {
    std::condition_variable wake;
    bool called = false;
  };
  std::vector<Idler*> idle_;
  int called_ = 0;  // and on their way
  // One more, while tasks wait, watches over the patience.
  std::condition_variable wake_watcher_;
  bool watched_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// This thread waits for something that is no work, until the scope ends. Nothing on a thread that
// is no pool's, and within another such scope.
class WaitsOutside {
 public:
  WaitsOutside();
  ~WaitsOutside();
  WaitsOutside(const WaitsOutside&) = delete;
  WaitsOutside& operator=(const WaitsOutside&) = delete;

 private:
  WorkPool* const pool_;
};

}  // namespace assay
