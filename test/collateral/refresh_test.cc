// Collateral that is renewed in the background while requests go on.
#include "collateral/by_need.h"
#include "collateral/refresher.h"
#include "server/service_collateral.h"

namespace assay::testing {
namespace {

bool Never() { return false; }

class Refresh : public ::testing::Test {
 protected:
  const simulate::Simulation simulation_ = simulate::Simulate("sgx", "").value();
  StandIn host_{simulation_};
  Folder folder_;
};

TEST_F(Refresh, RequestsDoNotWaitForWhatIsDueAndTheRefresherRenewsIt) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, QuickFetch(),
                  true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  const Time later = simulation_.at + std::chrono::hours(25);
  EXPECT_TRUE(Judge(simulation_, station.source, later).trusted);
  EXPECT_EQ(host_.asked().size(), 4U) << "a request that has valid collateral asks nobody";
  EXPECT_EQ(station.source.OldestChecked(later, std::chrono::hours(24)), simulation_.at);
  EXPECT_EQ(station.source.Refresh(later, std::chrono::hours(24), {}, Never), 0U);
  EXPECT_EQ(host_.asked().size(), 8U);
  EXPECT_EQ(station.source.OldestChecked(later, std::chrono::hours(24)), later);
}

TEST_F(Refresh, RenewsAheadOfTimeAndNotWhatIsNoLongerInUse) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, QuickFetch(),
                  true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  const Time later = simulation_.at + std::chrono::hours(23);
  station.source.Refresh(later, std::chrono::hours(24), {}, Never);
  EXPECT_EQ(host_.asked().size(), 4U);
  station.source.Refresh(later, std::chrono::hours(24), std::chrono::hours(2), Never);
  EXPECT_EQ(host_.asked().size(), 8U);
  const Time next_week = simulation_.at + std::chrono::days(7);
  station.source.Refresh(next_week, std::chrono::hours(24), std::chrono::hours(2), Never);
  EXPECT_EQ(host_.asked().size(), 8U);
}

TEST_F(Refresh, FailureIsCountedAndRequestsGoOnUntilTheEnd) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, QuickFetch(),
                  true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  host_.SetFault("/", HostFault::kServerError);
  const Time later = simulation_.at + std::chrono::hours(25);
  EXPECT_TRUE(Judge(simulation_, station.source, later).trusted);
  EXPECT_EQ(station.source.Refresh(later, std::chrono::hours(24), {}, Never), 1U);
  const auto before = host_.asked().size();
  EXPECT_TRUE(Judge(simulation_, station.source, later).trusted);
  EXPECT_EQ(host_.asked().size(), before);
}

TEST_F(Refresh, OnePieceIsAskedForOnceByManyThreads) {
  host_.SetFault("/tcb?", HostFault::kSlow);
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  std::atomic<int> trusted{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < limits::kWaitingForHosts; ++i) {
    threads.emplace_back([&] { trusted += Judge(simulation_, station.source).trusted ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(trusted, static_cast<int>(limits::kWaitingForHosts));
  EXPECT_EQ(host_.asked().size(), 4U);
}

TEST_F(Refresh, GatheringAndRefreshingTogetherIsSafe) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, QuickFetch(),
                  true);
  std::atomic<std::int64_t> seconds{0};
  const auto clock = [&] { return simulation_.at + std::chrono::seconds(seconds += 600); };
  std::atomic<int> looks{0};
  RefresherOptions options;
  options.interval = std::chrono::seconds(0);
  options.evidence_clock = clock;
  options.after = [&](std::size_t) { ++looks; };
  Refresher refresher(std::move(options), station.source);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        refused +=
            Judge(simulation_, station.source, simulation_.at + std::chrono::hours(n)).trusted ? 0
                                                                                               : 1;
        station.source.OldestChecked(simulation_.at, std::chrono::hours(24));
        if (n == 10) station.source.Reload(nullptr);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  refresher.Stop();
  EXPECT_EQ(refused, 0);
  EXPECT_GT(looks, 0);
}

TEST_F(Refresh, ServiceStopsAtOnceAndCountsWhatItFetched) {
  ServiceCollateralOptions options;
  options.store = folder_.path();
  options.fetch = true;
  options.hosts = HostsAt(host_.url());
  options.roots = simulation_.roots;
  options.clock = options.evidence_clock = [at = simulation_.at] { return at; };
  ServiceCollateral service(options, {});
  EXPECT_TRUE(Judge(simulation_, service.source()).trusted);
  const std::string text = service.MetricsText();
  EXPECT_NE(text.find("assay_collateral_fetches_total{host=\"127.0.0.1:"), std::string::npos);
  EXPECT_NE(text.find("outcome=\"new\"} 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("assay_collateral_oldest_age_seconds 0\n"), std::string::npos) << text;
  const auto start = std::chrono::steady_clock::now();
  service.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace assay::testing
