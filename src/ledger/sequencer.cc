#include "ledger/sequencer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/work_pool.h"
#include "crypto/signing_key.h"

namespace assay::ledger {
namespace {

constexpr int kLossesBeforeAsking = 4;
constexpr std::chrono::seconds kTurnTakes{1};

constexpr std::chrono::milliseconds kGatherMost{8};
// Enough for a commit: while other requests keep the processors busy, and while many are answered.
constexpr std::size_t kGatherEnough = 32;
constexpr std::size_t kGatherMany = 256;
// Groups of more are answered by another thread: fewer are not worth its waking.
constexpr std::size_t kFew = 64;

tl::unexpected<Error> Stopping() {
  return Fail(ErrorCode::kIo, "ledger: it is being closed", "append again after the restart");
}

// The tiles that changed, and a checkpoint of the tree as it stands.
Result<void> Sign(Frontier& frontier, Tree tree, const Ed25519Key& key, Checkpoint& checkpoint,
                  std::string& note, store::Batch& batch) {
  for (const Frontier::Changed& tile : frontier.TakeChanged()) {
    batch.puts.push_back({TileKey(tile.id.level, tile.id.index, tree), PackTile(tile.hashes)});
  }
  checkpoint.size = frontier.size();
  checkpoint.root = frontier.Root();
  note = TRY(SignCheckpoint(checkpoint, key));
  return {};
}

}  // namespace

Sequencer::Sequencer(store::Store& store, NoteVerifier log, Ed25519Key key, Head head)
    : store_(store), log_(std::move(log)), key_(std::move(key)), head_(std::move(head)) {
  Publish();
  thread_ = std::thread([this] { Run(); });
}

Sequencer::~Sequencer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<std::uint64_t> Sequencer::Append(const std::shared_ptr<Pending>& pending) {
  TRY_VOID(Begin(pending));
  pending->Await();
  return std::move(pending->result);
}

Result<void> Sequencer::Begin(std::shared_ptr<Pending> pending) {
  bool wanted = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Stopping();
    if (queue_.size() >= limits::kLedgerQueue) {
      return Fail(ErrorCode::kIo,
                  fmt::format("ledger: {} appends wait already", limits::kLedgerQueue),
                  "append again later");
    }
    queue_.push_back(std::move(pending));
    wanted = queue_.size() == awaited_;
  }
  if (wanted) wake_.notify_one();  // otherwise it is awake, or was told
  return {};
}

Sequencer::Published Sequencer::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

Result<void> Sequencer::Refresh() {
  const WaitsOutside waits;  // for a commit, and so for the disk
  const std::lock_guard lock(sequencing_);
  return FollowStore();
}

// Until it is stopped and nobody waits any more.
void Sequencer::Run() {
  for (PendingGroup group = TakeGroup(); !group.empty(); group = TakeGroup()) {
    Sequence(std::move(group));
  }
}

// Under the lock nothing but pointers is moved: a thousand may want to append meanwhile.
void Sequencer::Fetch() {
  std::unique_lock lock(mutex_);
  awaited_ = 1;
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  Gather(lock);
  awaited_ = 0;
  const std::size_t count = std::min(queue_.size(), limits::kLedgerGroup);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  fetched_.assign(std::move_iterator(queue_.begin()), std::move_iterator(end));
  queue_.erase(queue_.begin(), end);
}

void Sequencer::Gather(std::unique_lock<std::mutex>& lock) {
  awaited_ = kGatherMany;
  wake_.wait_for(lock, kGatherMost,
                 [this] { return stopping_ || queue_.size() >= kGatherMany || !answerer_.busy(); });
  awaited_ = kGatherEnough;
  wake_.wait_for(lock, kGatherMost, [this] {
    return stopping_ || queue_.size() >= kGatherEnough || !busy_ || !busy_();
  });
}

void Sequencer::GatherWhile(std::function<bool()> busy) {
  {
    const std::lock_guard lock(mutex_);
    busy_ = std::move(busy);
  }
  wake_.notify_one();
}

void Sequencer::Hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (awaited_ <= 1) return;  // it does not gather
  }
  wake_.notify_one();
}

PendingGroup Sequencer::TakeGroup() {
  if (fetched_.empty()) Fetch();
  PendingGroup out;
  std::size_t bytes = 0;
  std::size_t rows = 0;
  while (!fetched_.empty()) {
    const Pending& next = *fetched_.front();
    bytes += next.row.size();
    rows += 1 + (next.redacts ? 1 : 0) + next.rows.size();
    const bool full = bytes > limits::kLedgerGroupBytes || rows > limits::kLedgerGroupRows;
    if (full && !out.empty()) break;
    out.push_back(std::move(fetched_.front()));
    fetched_.pop_front();
  }
  return out;
}

void Sequencer::Sequence(PendingGroup group) {
  const std::lock_guard lock(sequencing_);
  Result<void> done = Attempt(group);
  for (int i = 1; i < limits::kLedgerAttempts && !done &&
                  done.error().code == ErrorCode::kConflict && !forked_;
       ++i) {
    if (i % kLossesBeforeAsking == 0) done = AskForTurn();
    if (done || done.error().code == ErrorCode::kConflict) done = Attempt(group);
  }
  if (!done) {
    for (const auto& one : group) one->result = tl::unexpected(done.error());
  }
  if (group.size() > kFew) return answerer_.Answer(std::move(group));
  for (const auto& one : group) one->Answer();
}

Result<PendingGroup> Sequencer::Admitted(const PendingGroup& group, store::Batch& batch) {
  PendingGroup out;
  std::set<std::uint64_t> redacted;
  for (const auto& one : group) {
    const std::uint64_t index = head_.checkpoint.size + out.size();
    if (one->redacts) {
      auto row = one->redacts < head_.checkpoint.size
                     ? ReadEntry(store_, *one->redacts)
                     : Fail(ErrorCode::kMissing,
                            fmt::format("ledger: there is no entry {}", *one->redacts));
      if (!row && row.error().code != ErrorCode::kMissing) {
        return tl::unexpected(std::move(row.error()));
      }
      if (row && (row->redacted_by() != nullptr || !redacted.insert(*one->redacts).second)) {
        row = Fail(ErrorCode::kInvalidArgument,
                   fmt::format("ledger: entry {} is redacted already", *one->redacts));
      }
      if (!row) {
        one->result = tl::unexpected(std::move(row.error()));
        continue;
      }
      batch.puts.push_back({EntryKeyOf(*one->redacts), EncodeEntryRow({row->leaf, index})});
    }
    out.push_back(one);
  }
  return out;
}

Result<Head> Sequencer::Continued(const PendingGroup& admitted, store::Batch& batch) const {
  Head next = head_;
  ++next.number;
  std::map<Bytes, Bytes> latest;  // the last word on each row
  for (const auto& one : admitted) {
    const std::uint64_t index = next.frontier.size();
    batch.puts.push_back({EntryKeyOf(index), one->row});
    next.frontier.Append(one->leaf.write_set);
    next.ccf.frontier.Append(CcfLeafHash(CcfLeafOf(one->leaf, index)));
    for (const Hash& list : one->rows.lists) batch.puts.push_back({ListKey(list, index), {}});
    for (const Hash& list : one->rows.left) batch.deletes.push_back(ListKey(list, *one->redacts));
    for (const store::Put& row : one->rows.latest) {
      latest[row.key] = EncodeLatestRow({index, row.value});
    }
  }
  for (auto& [key, value] : latest) batch.puts.push_back({key, std::move(value)});
  TRY_VOID(Sign(next.frontier, Tree::kPublished, key_, next.checkpoint, next.note, batch));
  TRY_VOID(Sign(next.ccf.frontier, Tree::kCcf, key_, next.ccf.checkpoint, next.ccf.note, batch));
  batch.puts.push_back({HeadKey(), EncodeHeadRow({next.number, next.note, next.ccf.note})});
  batch.puts.push_back({CheckpointKey(next.number), ToBytes(AsBytes(next.note))});
  return next;
}

Result<void> Sequencer::Attempt(const PendingGroup& group) {
  if (forked_) return tl::unexpected(*forked_);
  if (stale_) {
    TRY_VOID(LetOthersPass());
    TRY_VOID(FollowStore());
  }
  store::Batch batch;
  const PendingGroup admitted = TRY(Admitted(group, batch));
  if (admitted.empty()) return {};
  Head next = TRY(Continued(admitted, batch));
  batch.expectations.push_back({HeadKey(), head_.version});
  batch.expectations.push_back({TurnKey(), turn_});
  if (turn_ != 0) batch.deletes.push_back(TurnKey());
  auto version = store_.Commit(batch);
  // Whatever failed, the store may have taken it or be ahead by another's hand.
  stale_ = !version;
  next.version = TRY(std::move(version));
  turn_ = 0;
  std::uint64_t index = head_.checkpoint.size;
  for (const auto& one : admitted) one->result = index++;
  head_ = std::move(next);
  Publish();
  return {};
}

// One that asks already is enough: this process waits for it, and may ask after it.
Result<void> Sequencer::AskForTurn() {
  if (name_.empty()) name_ = TRY(RandomBytes(16));
  store::Batch batch;
  batch.expectations.push_back({TurnKey(), 0});
  batch.puts.push_back({TurnKey(), name_});
  return store_.Commit(batch).map([](std::uint64_t) {});
}

// A process that asked and died would be waited for without end: its row goes with the next commit.
Result<void> Sequencer::LetOthersPass() {
  const auto until = std::chrono::steady_clock::now() + kTurnTakes;
  for (;;) {
    const auto row = TRY(store_.Get(TurnKey()));
    turn_ = row ? row->version : 0;
    if (!row || row->value == name_ || std::chrono::steady_clock::now() > until) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// What the store has now must continue what this process has seen.
Result<void> Sequencer::FollowStore() {
  auto read = TRY(ReadHead(store_, log_));
  const Checkpoint& seen = head_.checkpoint;
  bool continues = read && read->checkpoint.size >= seen.size;
  if (continues && seen.size > 0) {
    StoreTiles tiles(store_);
    TileNodes nodes(tiles, read->checkpoint.size);
    const std::vector<Hash> proof = TRY(ConsistencyProof(nodes, seen.size, read->checkpoint.size));
    continues = VerifyConsistency(seen.size, read->checkpoint.size, seen.root,
                                  read->checkpoint.root, proof);
  }
  if (!continues) {
    forked_ = Error{ErrorCode::kMalformed,
                    fmt::format("ledger: the store does not continue the tree of {} that this "
                                "process has committed: it was rolled back or forked",
                                seen.size),
                    "compare it with checkpoints that were published, and restore the one that "
                    "they vouch for"};
    return tl::unexpected(*forked_);
  }
  head_ = std::move(*read);
  stale_ = false;
  Publish();
  return {};
}

void Sequencer::Publish() {
  const std::lock_guard lock(mutex_);
  published_ = {head_.checkpoint, head_.note, head_.ccf.checkpoint};
}

}  // namespace assay::ledger
