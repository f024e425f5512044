// Entries that are begun and not waited for, and those that are gathered.
#include "ledger/sequencer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/work_pool.h"
#include "ledger/testing_ledger.h"

namespace assay::ledger {
namespace {

// Commits wait until the test lets them go on.
class BegunEntry : public ::testing::Test {
 protected:
  BegunEntry() {
    ledger_ = Ledger::Open(store_, TestKeys()).value();
    store_.before_commit = [this]() -> Result<void> {
      committing_ = true;
      going_.wait();
      return outcome_;
    };
  }
  ~BegunEntry() override { LetGo(); }
  void LetGo() {
    if (!gone_) go_.set_value();
    gone_ = true;
  }

  std::promise<void> go_;
  std::shared_future<void> going_ = go_.get_future().share();
  bool gone_ = false;
  std::atomic<bool> committing_{false};
  Result<void> outcome_;
  ObservedStore store_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(BegunEntry, IsDurableWhenItSaysSoAndNotBefore) {
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  std::promise<std::uint64_t> size;
  entering.Then([&] { size.set_value(ledger_->checkpoint().size); });
  auto told = size.get_future();
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_EQ(ledger_->checkpoint().size, 0U);
  LetGo();
  EXPECT_EQ(told.get(), 1U);
  const Entered entered = entering.Done().value();
  EXPECT_EQ(entered.index, 0U);
  EXPECT_EQ(entered.leaf, LeafHash(ledger_->Prove(0)->leaf));
}

TEST_F(BegunEntry, SaysSoAtOnceToWhoAsksLate) {
  LetGo();
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  ASSERT_TRUE(ledger_->Append(TestRecord(8)));
  bool told = false;
  entering.Then([&told] { told = true; });
  EXPECT_TRUE(told);
  EXPECT_EQ(entering.Done()->index, 0U);
}

// Whoever gives its place in a pool away wakes another thread, and two are at work where one should
// be: for an attestation that costs more than its entry.
TEST_F(BegunEntry, LeavesWhoAsksLateAtItsWork) {
  LetGo();
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  std::promise<void> told;
  entering.Then([&told] { told.set_value(); });
  told.get_future().wait();
  std::atomic<bool> other{false};
  std::promise<void> both;
  WorkPool pool(1, 2, std::chrono::seconds(20));
  pool.Submit([&] {
    both.get_future().wait();
    EXPECT_TRUE(entering.Done());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(other);
  });
  pool.Submit([&] { other = true; });
  both.set_value();
  pool.Stop();
  EXPECT_TRUE(other);
}

TEST_F(BegunEntry, CanBeAwaited) {
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  std::thread later([this] { LetGo(); });
  EXPECT_TRUE(entering.Done());
  later.join();
}

TEST_F(BegunEntry, TellsThatItCouldNotBe) {
  outcome_ = Fail(ErrorCode::kIo, "the disk is full");
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  std::promise<void> told;
  entering.Then([&told] { told.set_value(); });
  LetGo();
  told.get_future().wait();
  EXPECT_EQ(entering.Done().error().message, "the disk is full");
}

TEST_F(BegunEntry, IsBroughtToItsEndByALedgerThatCloses) {
  Entering entering = ledger_->BeginEntry(TestRecord(7)).value();
  std::promise<void> told;
  entering.Then([&told] { told.set_value(); });
  std::thread closes([this] { ledger_.reset(); });
  LetGo();
  told.get_future().wait();
  closes.join();
  EXPECT_TRUE(entering.Done());
}

// Two entries, some time apart: did one commit take both?
bool AreOneCommit(Ledger& ledger, const ObservedStore& store) {
  const std::size_t before = store.commits;
  Entering first = ledger.BeginEntry(TestRecord(1)).value();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  Entering second = ledger.BeginEntry(TestRecord(2)).value();
  EXPECT_TRUE(first.Done());
  EXPECT_TRUE(second.Done());
  return store.commits == before + 1;
}

// Within 20 seconds.
bool ComesToBe(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return condition();
}

// All but the first are one group.
TEST_F(BegunEntry, IsCommittedWithOthersWhileManyAreBeingTold) {
  constexpr std::uint64_t kMany = 200;
  std::vector<Entering> many;
  for (std::uint64_t n = 0; n < kMany; ++n) {
    many.push_back(ledger_->BeginEntry(TestRecord(n)).value());
    EXPECT_TRUE(ComesToBe([this] { return committing_.load(); }));
  }
  std::promise<void> heard;
  many.back().Then([&heard] { heard.get_future().wait(); });
  LetGo();
  ASSERT_TRUE(ComesToBe([this] { return ledger_->checkpoint().size == kMany; }));
  // Those who are told may append again: commits wait for them a little.
  int together = 0;
  for (int i = 0; i < 50 && together == 0; ++i) together += AreOneCommit(*ledger_, store_) ? 1 : 0;
  EXPECT_EQ(together, 1);
  heard.set_value();
  for (Entering& one : many) EXPECT_TRUE(one.Done());
}

// On a machine that is busy itself the second may come too late: one of many is enough.
TEST(Gathering, TakesAlongWhatComesWhileAllProcessorsAreBusy) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  ledger->GatherWhile([] { return true; });
  int together = 0;
  for (int i = 0; i < 50 && together == 0; ++i) together += AreOneCommit(*ledger, store) ? 1 : 0;
  EXPECT_EQ(together, 1);
}

TEST(Gathering, EndsWhenOneIsFree) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  std::atomic<bool> busy{true};
  std::atomic<int> asked{0};
  ledger->GatherWhile([&] {
    ++asked;
    return busy.load();
  });
  for (int i = 0; i < 20; ++i) {
    busy = true;
    Entering entering = ledger->BeginEntry(TestRecord(1)).value();
    busy = false;
    ledger->Hurry();
    EXPECT_TRUE(entering.Done());
  }
  EXPECT_GE(asked, 20);
  ledger->GatherWhile(nullptr);
  EXPECT_TRUE(ledger->Append(TestRecord(1)));
}

TEST(Gathering, IsNotWhatOneThatIsAloneWaitsFor) {
  ObservedStore store;
  const auto ledger = Ledger::Open(store, TestKeys()).value();
  for (std::uint64_t n = 0; n < 50; ++n) ASSERT_TRUE(ledger->Append(TestRecord(n)));
  EXPECT_EQ(store.commits, 51U) << "one for each, and one that made the ledger";
}

}  // namespace
}  // namespace assay::ledger
