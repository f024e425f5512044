#include "measure/trusted_launch.h"

#include <gtest/gtest.h>

#include "measure/testing.h"

namespace assay::measure {
namespace {

Bytes MakeUkiFile() {
  const std::string kernel(AsText(testing::MakePe({{".text", "kernel"}})));
  return testing::MakePe({{".sdmagic", "#### LoaderInfo: systemd-stub 252.39-1 ####"},
                          {".linux", kernel},
                          {".cmdline", "quiet"},
                          {".initrd", "initrd"}});
}

TrustedLaunchBoot UkiBoot() {
  TrustedLaunchBoot out;
  out.uki.emplace().file = MakeUkiFile();
  out.variables = UefiVariables();
  out.learned = {0, 1, 14};
  return out;
}

TrustedLaunchBoot ShimBoot() {
  TrustedLaunchBoot out;
  for (auto* const artefact : {&out.shim, &out.grub, &out.kernel, &out.initrd}) {
    artefact->emplace().digests = DigestsOf(AsBytes("file"), out.banks);
    artefact->value().authenticode = DigestsOf(AsBytes("image"), out.banks);
  }
  out.grub_config = ToBytes(AsBytes("linux /vmlinuz\nboot\n"));
  out.grub_preamble = {"source grub.cfg"};
  return out;
}

std::string Pcrs(const TrustedLaunchBoot& boot) {
  const auto prediction = Predict(boot);
  if (!prediction) return prediction.error().message;
  std::string out;
  for (const HashAlgorithm bank : boot.banks) {
    const auto values = PcrsAfter(prediction->events, bank);
    if (!values) return values.error().message;
    for (const auto& [pcr, value] : *values) out += std::to_string(pcr) + " ";
  }
  return out;
}

TEST(TrustedLaunchPrediction, CoversTheBootOfAUki) {
  EXPECT_EQ(Pcrs(UkiBoot()), "2 3 4 5 6 7 9 11 ");
}

TEST(TrustedLaunchPrediction, TakesDigestsInPlaceOfFilesAndSaysWhatIsMissing) {
  EXPECT_EQ(Pcrs(ShimBoot()), "2 3 4 5 6 8 9 ");
  const auto prediction = Predict(ShimBoot()).value();
  ASSERT_EQ(prediction.not_predicted.count(7), 1U);
  TrustedLaunchBoot without = ShimBoot();
  without.grub_config.reset();
  EXPECT_EQ(Predict(without).value().not_predicted.count(9), 1U);
}

TEST(TrustedLaunchPrediction, LeavesOutWhatIsLearned) {
  TrustedLaunchBoot boot = UkiBoot();
  boot.learned = {5, 7, 9, 11};
  EXPECT_EQ(Pcrs(boot), "2 3 4 6 ");
}

TEST(TrustedLaunchPrediction, NeedsADigestForEachBank) {
  TrustedLaunchBoot boot = ShimBoot();
  boot.banks = {HashAlgorithm::kSha384};
  EXPECT_EQ(Pcrs(boot), "PCR 4: no sha384 digest of shim");
}

TEST(TrustedLaunchPrediction, EveryBankIsComputedFromFiles) {
  TrustedLaunchBoot boot = UkiBoot();
  boot.banks = {HashAlgorithm::kSha1, HashAlgorithm::kSha256, HashAlgorithm::kSha384};
  const auto events = Predict(boot).value().events;
  for (const HashAlgorithm bank : boot.banks) {
    EXPECT_EQ(PcrsAfter(events, bank).value().at(11).size(), tcg::DigestSize(bank));
  }
}

TEST(TrustedLaunchPrediction, RefusesABootThatIsNone) {
  EXPECT_NE(Pcrs({}).find("one boot"), std::string::npos);
  TrustedLaunchBoot both = ShimBoot();
  both.uki = both.shim;
  EXPECT_NE(Pcrs(both).find("one boot"), std::string::npos);
  TrustedLaunchBoot no_kernel = ShimBoot();
  no_kernel.kernel.reset();
  EXPECT_NE(Pcrs(no_kernel).find("--kernel"), std::string::npos);
  TrustedLaunchBoot no_variables = UkiBoot();
  no_variables.variables.reset();
  EXPECT_NE(Pcrs(no_variables).find("Secure Boot"), std::string::npos);
}

TEST(TrustedLaunchPrediction, RefusesGrubWithoutSecureBoot) {
  TrustedLaunchBoot boot = ShimBoot();
  boot.variables = UefiVariables();
  EXPECT_NE(Pcrs(boot).find("Secure Boot is off"), std::string::npos);
}

TEST(TrustedLaunchPrediction, PhasesChangePcr11Only) {
  TrustedLaunchBoot boot = UkiBoot();
  const auto before = PcrsAfter(Predict(boot).value().events, HashAlgorithm::kSha256).value();
  boot.phases = "enter-initrd";
  auto after = PcrsAfter(Predict(boot).value().events, HashAlgorithm::kSha256).value();
  EXPECT_NE(after.at(11), before.at(11));
  after[11] = before.at(11);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace assay::measure
