// Many clients at the same keys. What they saw is held to what one key can do at a time.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "keys/operations.h"
#include "keys/release_export.h"
#include "keys/testing.h"
#include "store/group_store.h"

namespace assay::keys {
namespace {

// A moment before a request and one after its answer: it took effect somewhere between.
struct Seen {
  std::uint64_t from = 0, until = 0;
  std::string version;
};

class History {
 public:
  std::uint64_t Now() { return ++clock_; }
  void Wrote(std::uint64_t from, std::string version) { Add(writes_, from, std::move(version)); }
  void Read(std::uint64_t from, std::string version) { Add(reads_, from, std::move(version)); }
  const std::vector<Seen>& writes() const { return writes_; }
  const std::vector<Seen>& reads() const { return reads_; }

 private:
  void Add(std::vector<Seen>& to, std::uint64_t from, std::string version) {
    const std::uint64_t until = Now();
    const std::lock_guard lock(mutex_);
    to.push_back({from, until, std::move(version)});
  }

  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;  // guards the two
  std::vector<Seen> writes_, reads_;
};

TEST(VaultConcurrency, ReadersNeverSeeAnOlderVersionThanOneTheyOrOthersHaveSeen) {
  TestVault it;
  it.store = store::GroupCommits(store::NewMemoryStore());
  it.vault = it.Reopen();
  it.MakeEc("k");
  History history;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  std::vector<std::thread> readers;
  for (int i = 0; i < 16; ++i) {
    writers.emplace_back([&] {
      for (int j = 0; j < 8; ++j) {
        const std::uint64_t from = history.Now();
        const auto rotated = it.vault->Rotate("k", kNoon);
        ASSERT_TRUE(rotated) << rotated.error().message;
        history.Wrote(from, rotated->version);
      }
    });
    readers.emplace_back([&] {
      while (!stop) {
        const std::uint64_t from = history.Now();
        const auto read = it.vault->Get("k", "");
        ASSERT_TRUE(read) << read.error().message;
        history.Read(from, read->version);
        std::this_thread::yield();
      }
    });
  }
  for (std::thread& one : writers) one.join();
  stop = true;
  for (std::thread& one : readers) one.join();
  // Each rotation made a version of its own.
  std::map<std::string, Seen> writes;
  for (const Seen& one : history.writes()) EXPECT_TRUE(writes.emplace(one.version, one).second);
  EXPECT_EQ(writes.size(), 16U * 8U);
  // No rotation lies wholly between the rotation to a version and a read that saw it.
  std::size_t checked = 0;
  for (const Seen& read : history.reads()) {
    const auto write = writes.find(read.version);
    if (write == writes.end()) continue;  // the first version
    EXPECT_LT(write->second.from, read.until) << "a read saw what was not yet written";
    ++checked;
    for (const auto& [version, other] : writes) {
      EXPECT_FALSE(other.from > write->second.until && other.until < read.from)
          << "a read saw a version that had been replaced";
    }
  }
  EXPECT_GT(checked, 0U);
}

// Rotating, releasing, deleting and recovering the same keys: an outcome is one that some order of
// the requests gives, and nothing is released of a key while nobody could find it.
TEST(VaultConcurrency, SixtyFourClientsAtTheSameKeysSeeWholeKeysOnly) {
  TestVault it;
  it.store = store::GroupCommits(store::NewMemoryStore());
  it.vault = it.Reopen();
  for (const auto* const name : {"a", "b"}) it.MakeEc(name, Exportable());
  const ReleaseRecipient recipient;
  const PublicKey to = recipient.to();
  std::atomic<int> released{0};
  std::atomic<int> deleted{0};
  std::atomic<int> recovered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back([&, i] {
      const std::string name = i % 2 == 0 ? "a" : "b";
      for (int j = 0; j < 6; ++j) {
        switch ((i / 2 + j) % 4) {
          case 0: {
            const auto rotated = it.vault->Rotate(name, kNoon);
            if (!rotated) {
              EXPECT_EQ(rotated.error().kind, FaultKind::kNotFound);
            }
            break;
          }
          case 1: {
            const auto found = FindReleasable(*it.vault, name, "");
            if (!found) {
              EXPECT_EQ(found.error().kind, FaultKind::kNotFound);
              break;
            }
            const auto wrapped = ExportForRelease(*it.vault, *found, to, OaepHash::kSha1);
            if (!wrapped) {
              EXPECT_EQ(wrapped.error().kind, FaultKind::kNotFound);
              break;
            }
            const SecretBytes secret = recipient.Unwrapped(*wrapped);
            EXPECT_EQ(AsymmetricKey::FromPkcs8(secret.view())->EcPublic()->x, found->ec.x);
            ++released;
            break;
          }
          case 2: {
            const auto gone = it.vault->Delete(name, kNoon);
            if (gone) ++deleted;
            if (!gone) {
              EXPECT_EQ(gone.error().kind, FaultKind::kNotFound);
            }
            break;
          }
          default: {
            const auto back = it.vault->Recover(name, kNoon);
            if (back) ++recovered;
            if (!back) {
              EXPECT_EQ(back.error().kind, FaultKind::kNotFound);
            }
          }
        }
      }
    });
  }
  for (std::thread& one : clients) one.join();
  EXPECT_GT(released, 0);
  EXPECT_GT(recovered, 0);
  // A key is deleted and recovered in turns.
  const int still_deleted = static_cast<int>(it.vault->ListDeleted("", 5)->items.size());
  EXPECT_EQ(deleted - recovered, still_deleted);
  EXPECT_EQ(it.vault->List("", 5)->items.size() + static_cast<std::size_t>(still_deleted), 2U);
}

}  // namespace
}  // namespace assay::keys
