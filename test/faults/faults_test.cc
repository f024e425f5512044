// Every check that can fail alone, made to fail alone, by simulated evidence that is right but for
// that.
#include <gtest/gtest.h>

#include "appraise/appraise.h"
#include "simulate/simulate.h"
#include "tee/core/roots.h"

namespace assay::simulate {
namespace {

using Names = std::vector<std::string>;

Verdict Judge(const Simulation& simulation, std::string_view kind, const TrustedRoots& roots,
              Time now) {
  Appraiser appraiser(roots);
  return appraiser
      .Appraise(simulation.evidence, kind, simulation.collateral, simulation.expectations, now)
      .value();
}

Names FailedIn(const Verdict& verdict) {
  Names out;
  for (const Check& check : verdict.checks) {
    if (check.outcome == Outcome::kFail) out.emplace_back(check.name);
  }
  return out;
}

Outcome OutcomeOf(const Verdict& verdict, std::string_view name) {
  for (const Check& check : verdict.checks) {
    if (check.name == name) return check.outcome;
  }
  ADD_FAILURE() << "no check " << name;
  return Outcome::kFail;
}

// The one check that looks at the vendor's root.
std::string RootCheckOf(std::string_view kind) {
  if (kind == "snp" || kind == "azure") return "chain.root_pinned";
  return kind == "tpm" ? "ak.chain" : "root.pinned";
}

class Faults : public testing::TestWithParam<std::string_view> {};

TEST_P(Faults, WithoutFaultItIsTrustedAndNothingIsWarnedOf) {
  const Simulation simulation = Simulate(GetParam(), "").value();
  const Verdict verdict = Judge(simulation, "", simulation.roots, simulation.at);
  EXPECT_EQ(FailedIn(verdict), Names{});
  EXPECT_TRUE(verdict.trusted);
  EXPECT_EQ(verdict.scheme, GetParam());
  for (const Check& check : verdict.checks) EXPECT_EQ(check.outcome, Outcome::kPass) << check.name;
}

TEST_P(Faults, EachFaultFailsItsOwnCheckAndNoOther) {
  for (const std::string& fault : FaultsOf(GetParam())) {
    const Simulation simulation = Simulate(GetParam(), fault).value();
    const Verdict verdict = Judge(simulation, GetParam(), simulation.roots, simulation.at);
    EXPECT_FALSE(verdict.trusted) << fault;
    EXPECT_EQ(FailedIn(verdict), Names{fault});
    EXPECT_FALSE(verdict.verified.has_value()) << fault;
  }
}

TEST_P(Faults, ProductionRefusesTheRootAndNothingElse) {
  const Simulation simulation = Simulate(GetParam(), "").value();
  const Verdict verdict = Judge(simulation, "", DefaultRoots(), simulation.at);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_EQ(FailedIn(verdict), Names{RootCheckOf(GetParam())});
}

TEST_P(Faults, ValidityHoldsToTheSecond) {
  const Simulation simulation = Simulate(GetParam(), "").value();
  constexpr std::chrono::seconds kSecond{1};
  const auto at = [&](Time now, std::string_view check) {
    return OutcomeOf(Judge(simulation, GetParam(), simulation.roots, now), check);
  };
  EXPECT_FALSE(simulation.validity.empty());
  for (const auto& [check, validity] : simulation.validity) {
    EXPECT_EQ(at(validity.from - kSecond, check), Outcome::kFail) << check;
    EXPECT_EQ(at(validity.from, check), Outcome::kPass) << check;
    EXPECT_EQ(at(validity.to, check), Outcome::kPass) << check;
    EXPECT_EQ(at(validity.to + kSecond, check), Outcome::kFail) << check;
  }
}

// What one appraisal remembers must not make the next one trust a fault.
TEST_P(Faults, AWarmCacheChangesNoVerdict) {
  const Simulation good = Simulate(GetParam(), "").value();
  TrustedRoots roots = good.roots;
  Appraiser appraiser(roots);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(appraiser.Appraise(good.evidence, "", good.collateral, {}, good.at)->trusted);
  }
  Bytes changed = good.evidence;
  changed[0x60] ^= std::byte{1};  // inside what is signed, in each kind
  EXPECT_FALSE(appraiser.Appraise(changed, GetParam(), good.collateral, {}, good.at)->trusted);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults, testing::Values("sgx", "tdx", "snp", "tpm", "azure"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(FaultNames, UnknownOnesAreErrors) {
  EXPECT_FALSE(Simulate("sev", "").has_value());
  EXPECT_FALSE(Simulate("sgx", "tdx.debug").has_value());
  EXPECT_TRUE(FaultsOf("sev").empty());
}

}  // namespace
}  // namespace assay::simulate
