// Simulated evidence, an empty store and a stand-in for the vendors: fetched, kept, and trusted
// again without network.
#include "collateral/by_need.h"

namespace assay::testing {
namespace {

class ByNeed : public ::testing::TestWithParam<std::string> {
 protected:
  const simulate::Simulation simulation_ = simulate::Simulate(GetParam(), "").value();
  StandIn host_{simulation_};
  Folder folder_;
};

TEST_P(ByNeed, EmptyStoreIsFilledOnceAndServesWithoutNetworkAfterwards) {
  {
    Station first(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
    const Verdict verdict = Judge(simulation_, first.source);
    EXPECT_TRUE(verdict.trusted) << Failures(verdict);
    const std::size_t asked = host_.asked().size();
    EXPECT_EQ(asked, GetParam() == "snp" ? 3U : 4U);
    EXPECT_TRUE(Judge(simulation_, first.source).trusted);
    EXPECT_EQ(host_.asked().size(), asked) << "a warm request asks nobody";
  }
  const std::size_t asked = host_.asked().size();
  Station offline(folder_.path(), HostsAt(host_.url()), simulation_.roots, false);
  EXPECT_TRUE(Judge(simulation_, offline.source).trusted);
  Station online(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  EXPECT_TRUE(Judge(simulation_, online.source).trusted);
  EXPECT_EQ(host_.asked().size(), asked) << "what is fresh in the store is not asked for";
}

TEST_P(ByNeed, WarmRequestGetsTheSameObjectAndNeitherDiskNorNetwork) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  Appraiser appraiser(simulation_.roots);
  const CollateralNeeds needs = appraiser.NeedsOf(simulation_.evidence, "").value();
  const auto first = station.source.Gather(needs, simulation_.at);
  std::filesystem::remove_all(folder_.path());
  EXPECT_EQ(station.source.Gather(needs, simulation_.at), first);
}

TEST_P(ByNeed, AfterADayTheHostIsAskedByETagAndSaysNotModified) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  const Time next_day = simulation_.at + std::chrono::hours(25);
  EXPECT_TRUE(Judge(simulation_, station.source, next_day).trusted);
  // Certificates do not change.
  EXPECT_EQ(host_.not_modified(), GetParam() == "snp" ? 1U : 4U);
}

TEST_P(ByNeed, WithoutNetworkAndStoreTheVerdictSaysWhatIsMissing) {
  Station offline(folder_.path(), HostsAt(host_.url()), simulation_.roots, false);
  const Verdict verdict = Judge(simulation_, offline.source);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_NE(Failures(verdict).find("the store " + folder_.path() + " has no "), std::string::npos)
      << Failures(verdict);
}

TEST_P(ByNeed, UnreachableHostIsNamedInTheFailedCheck) {
  Station station(folder_.path(), HostsAt("http://127.0.0.1:1"), simulation_.roots, true);
  const std::string failures = Failures(Judge(simulation_, station.source));
  EXPECT_NE(failures.find("; GET http://127.0.0.1:1/"), std::string::npos) << failures;
}

INSTANTIATE_TEST_SUITE_P(Simulated, ByNeed, ::testing::Values("sgx", "tdx", "snp"),
                         [](const auto& sample) { return sample.param; });

TEST(Pccs, AnswersForBothOfIntelsServices) {
  const simulate::Simulation simulation = simulate::Simulate("tdx", "").value();
  StandIn host(simulation);
  Folder folder;
  Hosts hosts;
  UsePccs(host.url() + "/sgx/certification/v4/", hosts);
  Station station(folder.path(), hosts, simulation.roots, true);
  const Verdict verdict = Judge(simulation, station.source);
  EXPECT_TRUE(verdict.trusted) << Failures(verdict);
  EXPECT_EQ(host.count("/sgx/certification/v4/rootcacrl"), 1U);
}

}  // namespace
}  // namespace assay::testing
