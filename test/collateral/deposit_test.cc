// The way of collateral into an air gap: fetched here, carried as a bundle, put into a store there.
#include "collateral/deposit.h"

#include <fstream>

#include "collateral/bundle.h"
#include "collateral/by_need.h"

namespace assay::testing {
namespace {

class AirGap : public ::testing::TestWithParam<std::string> {
 protected:
  const simulate::Simulation simulation_ = simulate::Simulate(GetParam(), "").value();
  Folder here_, there_;
};

TEST_P(AirGap, BundleOfAStoreFillsAnotherFromWhichItVerifies) {
  {
    StandIn host(simulation_);
    Station station(here_.path(), HostsAt(host.url()), simulation_.roots, true);
    ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  }
  Bundle out;
  std::vector<std::string> notes;
  out.collateral = LoadCollateralDir(here_.path(), &notes, &out.crl_der).value();
  out.created = simulation_.at;
  EXPECT_EQ(notes, std::vector<std::string>{});
  const Bundle in = ImportBundle(ExportBundle(out).value()).value();
  CollateralStore store(there_.path());
  const Deposited deposited = Deposit(in.collateral, in.crl_der, in.created, store).value();
  EXPECT_EQ(deposited.passed, std::vector<std::string>{});
  Station offline(there_.path(), {}, simulation_.roots, false);
  const Verdict verdict = Judge(simulation_, offline.source);
  EXPECT_TRUE(verdict.trusted) << Failures(verdict);
}

TEST_P(AirGap, OlderBundleDoesNotDisplaceWhatTheStoreHas) {
  CrlDer ders;
  Collateral collateral;
  for (const auto& [name, content] : simulation_.files) {
    if (!name.starts_with("collateral/")) continue;
    ASSERT_TRUE(AddCollateral(content, collateral, &ders));
  }
  CollateralStore store(there_.path());
  const auto first = Deposit(collateral, ders, simulation_.at, store).value();
  ASSERT_FALSE(first.paths.empty());
  const std::string fault = GetParam() == "snp" ? "" : "root_crl.dates";
  if (fault.empty()) return;  // AMD's simulation has no shorter list
  const auto older = simulate::Simulate(GetParam(), fault).value();
  CrlDer older_ders;
  Collateral list;
  ASSERT_TRUE(AddCollateral(older.files.at("collateral/root_ca.crl"), list, &older_ders));
  const auto second = Deposit(list, older_ders, simulation_.at, store).value();
  EXPECT_EQ(second.passed,
            std::vector<std::string>{"intel/root_crl.der: the store has a newer one"});
}

INSTANTIATE_TEST_SUITE_P(Simulated, AirGap, ::testing::Values("sgx", "tdx", "snp"),
                         [](const auto& sample) { return sample.param; });

}  // namespace
}  // namespace assay::testing
