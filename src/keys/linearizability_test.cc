// Sixty-four clients rotate, release, delete and recover the same keys; their history is searched
// for an order that explains it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "keys/linearizable_testing.h"
#include "keys/release_export.h"
#include "keys/testing.h"
#include "store/group_store.h"

namespace assay::keys {
namespace {

using What = KeyEvent::What;

bool IsLinear(std::vector<KeyEvent> events, const KeyModel& start = {"v0"}) {
  LinearizableSearch search(std::move(events));
  const bool out = search.Explains(start);
  EXPECT_FALSE(search.gave_up());
  return out;
}

TEST(LinearizableSearch, FindsTheOrderOfConcurrentOperations) {
  // The release of v0 began last, and yet came before the rotation that was going on.
  EXPECT_TRUE(IsLinear({{What::kRotate, true, "v1", 1, 9}, {What::kRelease, true, "v0", 5, 6}}));
  EXPECT_TRUE(IsLinear({{What::kDelete, true, "", 1, 9},
                        {What::kRelease, false, "", 2, 3},
                        {What::kRecover, true, "", 4, 5},
                        {What::kRelease, true, "v0", 6, 7}}));
}

TEST(LinearizableSearch, RefusesWhatNoOrderExplains) {
  // Of a version that had been replaced before it was asked for.
  EXPECT_FALSE(IsLinear({{What::kRotate, true, "v1", 1, 2}, {What::kRelease, true, "v0", 3, 4}}));
  // Of one that was not there yet.
  EXPECT_FALSE(IsLinear({{What::kRelease, true, "v1", 1, 2}, {What::kRotate, true, "v1", 3, 4}}));
  // Of a deleted key.
  EXPECT_FALSE(IsLinear({{What::kDelete, true, "", 1, 2}, {What::kRelease, true, "v0", 3, 4}}));
  // Two deletions of one key, without recovery between them.
  EXPECT_FALSE(IsLinear({{What::kDelete, true, "", 1, 9}, {What::kDelete, true, "", 2, 8}}));
  // A key that was there all the time was not found.
  EXPECT_FALSE(IsLinear({{What::kRelease, false, "", 1, 2}}));
  // Back and forth: each order contradicts one of the two that saw it.
  EXPECT_FALSE(IsLinear({{What::kRotate, true, "v1", 1, 2},
                         {What::kRotate, true, "v2", 1, 2},
                         {What::kRelease, true, "v1", 3, 4},
                         {What::kRelease, true, "v2", 5, 6},
                         {What::kRelease, true, "v1", 7, 8}}));
}

// What clients did to each key, with times of one clock.
class KeyHistory {
 public:
  std::uint64_t Now() { return ++clock_; }
  void Add(const std::string& key, KeyEvent event) {
    event.until = Now();
    const std::lock_guard lock(mutex_);
    events_[key].push_back(std::move(event));
  }
  const std::map<std::string, std::vector<KeyEvent>>& events() const { return events_; }

 private:
  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;  // guards events_
  std::map<std::string, std::vector<KeyEvent>> events_;
};

Outcome<std::string> Perform(Vault& vault, What what, const std::string& name) {
  static const ReleaseRecipient recipient;
  switch (what) {
    case What::kRotate: return TRY(vault.Rotate(name, kNoon)).version;
    case What::kDelete: return TRY(vault.Delete(name, kNoon)).current.version;
    case What::kRecover: return TRY(vault.Recover(name, kNoon)).version;
    case What::kRelease: break;
  }
  const KeyVersion found = TRY(FindReleasable(vault, name, ""));
  TRY(ExportForRelease(vault, found, recipient.to(), OaepHash::kSha256));
  return found.version;
}

void Live(Vault& vault, KeyHistory& history, unsigned client, unsigned rounds) {
  constexpr std::array<What, 6> kTurns = {What::kRotate,  What::kRelease, What::kRelease,
                                          What::kRecover, What::kDelete,  What::kRecover};
  const std::string name = "key-" + std::to_string(client % 4);
  for (unsigned i = 0; i < rounds; ++i) {
    const What what = kTurns[(client / 4 + i) % kTurns.size()];
    KeyEvent event{what, false, "", history.Now(), 0};
    const Outcome<std::string> outcome = Perform(vault, what, name);
    if (!outcome) {
      ASSERT_EQ(outcome.error().kind, FaultKind::kNotFound) << outcome.error().message;
    } else {
      event.done = true;
      event.version = *outcome;
    }
    history.Add(name, std::move(event));
  }
}

TEST(VaultLinearizability, SixtyFourClientsSeeOneOrder) {
  constexpr unsigned kClients = 64, kRounds = 12;
  TestVault it;
  it.store = store::GroupCommits(store::NewMemoryStore());
  it.vault = it.Reopen();
  const std::unique_ptr<Vault> other = it.Reopen();
  std::map<std::string, KeyModel> start;
  for (unsigned i = 0; i < 4; ++i) {
    const std::string name = "key-" + std::to_string(i);
    start[name].version = it.MakeEc(name, Exportable()).version;
  }
  KeyHistory history;
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < kClients; ++i) {
    // Half of them through a process of its own, as it were.
    Vault& vault = i / 4 % 2 == 0 ? *it.vault : *other;
    clients.emplace_back([&, i] { Live(vault, history, i, kRounds); });
  }
  for (std::thread& one : clients) one.join();
  std::size_t released = 0, deleted = 0;
  for (const auto& [name, events] : history.events()) {
    EXPECT_TRUE(IsLinear(events, start[name])) << name << ": " << events.size() << " operations";
    for (const KeyEvent& one : events) {
      released += one.done && one.what == What::kRelease ? 1 : 0;
      deleted += one.done && one.what == What::kDelete ? 1 : 0;
    }
  }
  EXPECT_GT(released, 0U);
  EXPECT_GT(deleted, 0U);
}

}  // namespace
}  // namespace assay::keys
