// An append that waits, and who tells it that it need not any more.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ledger/ccf_tree.h"
#include "ledger/rows.h"

namespace assay::ledger {

// Shared, as the sequencer still holds it while its owner wakes up. All that does not depend on the
// place of the entry is computed by who appends it: the sequencer is one thread for all.
struct Pending {
  Bytes row;                             // ledger/book.h
  CcfEntry leaf;                         // for both trees
  std::optional<std::uint64_t> redacts;  // the index of an entry whose body goes with this commit
  EntryRows rows;
  Result<std::uint64_t> result = std::uint64_t{0};

  void Answer();
  // `result` is read after one of these only.
  void Await();
  // Calls it once there is an answer: at once, or later from another thread, which it must not hold
  // up.
  void Then(std::function<void()> call);

 private:
  bool Answered();

  // No std::binary_semaphore: that of libstdc++ spins, and a thousand that wait leave no time to
  // the one they wait for.
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool answered_ = false;
  std::function<void()> then_;
};

using PendingGroup = std::vector<std::shared_ptr<Pending>>;

// One thread that answers groups, in their order. To wake a thousand threads takes as long as to
// commit what they wrote: the sequencer goes on with the next group meanwhile.
class Answerer {
 public:
  explicit Answerer(std::function<void()> when_done);  // told, from its thread
  ~Answerer();                                         // once all are answered
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  // Their results stand.
  void Answer(PendingGroup group);
  // Some are not answered yet.
  bool busy() const;

 private:
  void Run();

  const std::function<void()> when_done_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<PendingGroup> groups_;  // the first is being answered
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace assay::ledger
