// MRTD and RTMRs from artefacts, held to what a TDX module quoted and firmware logged.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "measure/td_boot.h"
#include "measure/tdvf.h"
#include "tee/core/cc_event_log.h"
#include "vectors/samples.h"

namespace assay::measure {
namespace {

// /usr/share/ovmf/OVMF.inteltdx.fd of a version of Ubuntu's package ovmf-inteltdx. It is too large
// for the samples: the tests are there for those that lie in their folder "tdvf".
struct FirmwarePackage {
  std::string version;
  std::string published_mrtd;  // by a public verifier; empty: a quote of the samples has it
};

std::filesystem::path TdFirmware(const std::string& version) {
  return samples::Root() / "tdvf" / ("OVMF.inteltdx_" + version + ".fd");
}

std::vector<FirmwarePackage> PackagesAtHand() {
  std::vector<FirmwarePackage> out = {
      {"2025.02-8ubuntu3", {}},
      {"2025.02-8ubuntu3.2",
       "ea216f26cc4ef0571dce29f0111c6dadfddcd86d032dbf990258456fe4d27799"
       "e8b72777fc05f532b1ebd597289d924d"}};
  std::erase_if(out, [](const FirmwarePackage& one) {
    return !std::filesystem::exists(TdFirmware(one.version));
  });
  return out;
}

std::string QuotedMrTd() {
  constexpr std::size_t kMrTdInV5 = 54 + 136;  // quote header, descriptor; TD report
  const Bytes quote = samples::Read(samples::Root() / "tdx" / "v5-google-sample-90C06F/quote.bin");
  return HexEncode(View(quote).subspan(kMrTdInV5, 48));
}

class TdFirmwareVectors : public testing::TestWithParam<FirmwarePackage> {
 protected:
  const Bytes image_ = samples::Read(TdFirmware(GetParam().version));
  const std::vector<TdvfSection> sections_ = ReadTdvfMetadata(image_).value();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TdFirmwareVectors);
INSTANTIATE_TEST_SUITE_P(Packages, TdFirmwareVectors, testing::ValuesIn(PackagesAtHand()),
                         [](const auto& one) {
                           std::string out = one.param.version;
                           for (char& c : out) c = std::isalnum(c) != 0 ? c : '_';
                           return out;
                         });

TEST_P(TdFirmwareVectors, HaveTheMrTdThatATdxModuleQuotedOrAVerifierPublishes) {
  const std::string& published = GetParam().published_mrtd;
  EXPECT_EQ(HexEncode(MrTd(sections_)), published.empty() ? QuotedMrTd() : published);
}

std::vector<cc_log::LogEvent> DirectBootLog(const Bytes& data) {
  return cc_log::ParseEventLog(data).value();
}

Bytes LogOfDirectBoot() {
  return samples::Read(samples::Root() / "tdx-ccel" / "coco-ccel-data-ovmf" / "ccel_data.bin");
}

Bytes DigestOfNth(const std::vector<cc_log::LogEvent>& log, std::uint32_t index, std::size_t n) {
  for (const cc_log::LogEvent& event : log) {
    if (event.register_index == index && n-- == 0) return ToBytes(event.digest);
  }
  return {};
}

// Kernel, initrd and command line are known by their digests only; all else is predicted.
TEST(TdVectors, ADirectBootExtendsWhatIsPredicted) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  const Bytes data = LogOfDirectBoot();
  const auto log = DirectBootLog(data);
  TdDirectBoot boot;
  boot.separator_in_rtmr1 = false;  // its firmware is of 2023
  boot.kernel.authenticode[HashAlgorithm::kSha384] = DigestOfNth(log, 2, 0);
  boot.initrd.emplace();
  boot.initrd->digests[HashAlgorithm::kSha384] = DigestOfNth(log, 3, 1);
  ExpectedEvents events = TdDirectBootEvents(boot).value();
  for (ExpectedEvent& event : events) {
    if (event.what.find("command line") == std::string::npos) continue;
    event.digests[HashAlgorithm::kSha384] = DigestOfNth(log, 3, 0);
  }
  const tcg::PcrValues predicted = PcrsAfter(events, HashAlgorithm::kSha384).value();
  const auto replayed = cc_log::Replay(log);
  EXPECT_EQ(predicted.at(1), ToBytes(*replayed[1]));
  EXPECT_EQ(predicted.at(2), ToBytes(*replayed[2]));
}

TEST_P(TdFirmwareVectors, MeasureTheirOwnVariables) {
  ASSERT_EQ(sections_[1].kind, TdvfSection::Kind::kConfigurationFirmware);
  // The empty store is the same in EDK II since 2023: the log is of another build.
  EXPECT_EQ(ToBytes(Sha384(sections_[1].content)),
            DigestOfNth(DirectBootLog(LogOfDirectBoot()), 1, 1));
}

}  // namespace
}  // namespace assay::measure
