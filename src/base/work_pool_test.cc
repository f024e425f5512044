#include "base/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace assay {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{60'000};

// What a test opens for tasks that stand before it.
class Gate {
 public:
  ~Gate() { Open(); }
  void Open() {
    if (!open_.exchange(true)) promise_.set_value();
  }
  void Pass() { future_.wait(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> future_ = promise_.get_future().share();
  std::atomic<bool> open_{false};
};

template <typename Condition>
void Await(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(milliseconds(1));
}

TEST(WorkPool, DoesAllThatItWasGivenBeforeItStops) {
  std::atomic<int> done{0};
  WorkPool pool(2, 4, kLong);
  for (int i = 0; i < 1000; ++i) pool.Submit([&done] { ++done; });
  pool.Stop();
  EXPECT_EQ(done, 1000);
}

TEST(WorkPool, WorksAtNoMoreThanItsPlacesAtATime) {
  std::atomic<int> at_work{0}, most{0}, done{0};
  WorkPool pool(2, 16, kLong);
  for (int i = 0; i < 400; ++i) {
    pool.Submit([&] {
      const int now = ++at_work;
      int before = most;
      while (now > before && !most.compare_exchange_weak(before, now)) {
      }
      std::this_thread::yield();
      --at_work;
      ++done;
    });
  }
  pool.Stop();
  EXPECT_EQ(done, 400);
  EXPECT_LE(most, 2);
}

TEST(WorkPool, BeginsAnotherTaskWhileOneWaitsOutside) {
  Gate gate;
  std::atomic<int> waiting{0};
  std::atomic<bool> other{false};
  WorkPool pool(1, 4, kLong);
  for (int i = 0; i < 3; ++i) {
    pool.Submit([&] {
      const WaitsOutside waits;
      ++waiting;
      gate.Pass();
    });
  }
  Await([&] { return waiting == 3; });
  pool.Submit([&other] { other = true; });
  Await([&] { return other.load(); });
  gate.Open();
}

TEST(WorkPool, LetsWhoComesBackGoOnAtOnce) {
  Gate outside, inside;
  std::atomic<bool> waits{false}, began{false}, back{false};
  WorkPool pool(1, 2, kLong);
  pool.Submit([&] {
    {
      const WaitsOutside scope;
      waits = true;
      outside.Pass();
    }
    back = true;
  });
  Await([&] { return waits.load(); });
  pool.Submit([&] {
    began = true;
    inside.Pass();
  });
  Await([&] { return began.load(); });
  outside.Open();
  Await([&] { return back.load(); });
  inside.Open();
}

TEST(WorkPool, BeginsNothingBeforeThoseWhoCameBackAreDone) {
  Gate outside, first, second;
  std::atomic<int> waiting{0}, back{0};
  std::atomic<bool> last{false};
  WorkPool pool(1, 4, kLong);
  for (int i = 0; i < 2; ++i) {
    pool.Submit([&] {
      {
        const WaitsOutside scope;
        ++waiting;
        outside.Pass();
      }
      ++back;
      first.Pass();
    });
  }
  Await([&] { return waiting == 2; });
  outside.Open();
  Await([&] { return back == 2; });
  pool.Submit([&last] { last = true; });
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(last);
  first.Open();
  Await([&] { return last.load(); });
}

TEST(WorkPool, BeginsWhatHasWaitedForThePatience) {
  Gate gate;
  std::atomic<int> done{0};
  WorkPool pool(1, 2, milliseconds(5));
  pool.Submit([&gate] { gate.Pass(); });  // waits, and does not say so
  for (int i = 0; i < 3; ++i) pool.Submit([&done] { ++done; });
  Await([&] { return done == 3; });
  gate.Open();
}

// Each of them waits and does not say so: none is the last that anybody looked after.
TEST(WorkPool, BeginsOneAfterTheOtherThatHasWaitedForThePatience) {
  Gate gate;
  std::atomic<int> at_work{0};
  WorkPool pool(1, 4, milliseconds(5));
  for (int i = 0; i < 4; ++i) {
    pool.Submit([&] {
      ++at_work;
      gate.Pass();
    });
  }
  Await([&] { return at_work == 4; });
  gate.Open();
}

TEST(WorkPool, SaysWhenAPlaceIsFree) {
  Gate gate, outside;
  std::atomic<int> told{0}, at_work{0};
  WorkPool pool(2, 4, kLong, [&told] { ++told; });
  EXPECT_FALSE(pool.busy());
  for (int i = 0; i < 2; ++i) {
    pool.Submit([&] {
      ++at_work;
      gate.Pass();
    });
  }
  Await([&] { return at_work == 2; });
  EXPECT_TRUE(pool.busy());
  EXPECT_EQ(told, 0);
  gate.Open();
  Await([&] { return told == 2; });
  EXPECT_FALSE(pool.busy());
  pool.Submit([&] {
    const WaitsOutside waits;
    outside.Pass();
  });
  Await([&] { return told == 3; });
  outside.Open();
}

TEST(WaitsOutside, DoesNothingWhereNoPoolIs) {
  const WaitsOutside waits;
  WorkPool pool(1, 1, kLong);
  std::atomic<bool> done{false};
  pool.Submit([&done] {
    const WaitsOutside outer;
    const WaitsOutside inner;
    done = true;
  });
  Await([&] { return done.load(); });
}

}  // namespace
}  // namespace assay
