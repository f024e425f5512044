// One thread that gives entries their places.
//
// Appends of many threads are taken as a group: sequence numbers, tiles, and the signed checkpoint
// behind the last of them go into one commit that expects the head's version. Each append is
// answered after that commit. So what was answered is durable, what was not answered is there whole
// or not at all, and of two processes on one store one is refused by the store and begins again
// from what the other wrote. A process that keeps losing writes its name into a row which every
// commit expects to be empty: the others lose once, see it, and wait until it has had its turn.
//
// On a fast disk a group would hold only the few that came during the last flush, and a commit
// costs a processor as much as half an attestation. So the sequencer waits a moment for more of
// them where nothing is lost: while all processors are busy with other requests, which nobody but
// its owner knows, and while many are just being answered, who may append again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ledger/book.h"
#include "ledger/pending.h"

namespace assay::ledger {

class Sequencer {
 public:
  Sequencer(store::Store& store, NoteVerifier log, Ed25519Key key, Head head);
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // The index, once it is durable.
  Result<std::uint64_t> Append(const std::shared_ptr<Pending>& pending);
  // Without waiting for the answer.
  Result<void> Begin(std::shared_ptr<Pending> pending);

  struct Published {
    Checkpoint checkpoint;
    std::string note;
    Checkpoint ccf;  // of the second tree, of the same size
  };
  Published published() const;
  // Reads what other processes appended.
  Result<void> Refresh();
  // Commits wait a little for more, while that is true; `Hurry` says that it may be so no longer.
  // Null: they do not.
  void GatherWhile(std::function<bool()> busy);
  void Hurry();

 private:
  void Run();
  void Fetch();
  void Gather(std::unique_lock<std::mutex>& lock);
  PendingGroup TakeGroup();
  void Sequence(PendingGroup group);
  Result<void> Attempt(const PendingGroup& group);
  // Those whose redaction cannot be are answered; the others remain.
  Result<PendingGroup> Admitted(const PendingGroup& group, store::Batch& batch);
  // The head behind the entries, and all rows of them.
  Result<Head> Continued(const PendingGroup& admitted, store::Batch& batch) const;
  Result<void> FollowStore();
  Result<void> AskForTurn();
  Result<void> LetOthersPass();
  void Publish();

  store::Store& store_;
  const NoteVerifier log_;
  const Ed25519Key key_;

  std::deque<std::shared_ptr<Pending>> fetched_;  // of the thread: taken, and in no group yet

  std::mutex sequencing_;  // guards what follows; held while a group is committed
  Head head_;
  bool stale_ = false;           // a commit failed: the store may be ahead of head_
  Bytes name_;                   // for the row that says whose turn it is; random, made when needed
  std::uint64_t turn_ = 0;       // the version of that row; 0: there is none
  std::optional<Error> forked_;  // the store contradicts head_: nothing is appended any more

  mutable std::mutex mutex_;  // guards what follows; never held while the store works
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Pending>> queue_;
  std::function<bool()> busy_;
  std::size_t awaited_ = 0;  // so many in the queue wake the thread; 0: it does not wait
  bool stopping_ = false;
  Published published_;

  Answerer answerer_{[this] { Hurry(); }};
  std::thread thread_;
};

}  // namespace assay::ledger
