// MRTD and RTMRs from artefacts, held to what a TDX module quoted and firmware logged.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "measure/td_boot.h"
#include "measure/tdvf.h"
#include "tee/core/cc_event_log.h"
#include "vectors/samples.h"

namespace assay::measure {
namespace {

// Firmware is too large for the samples. These are /usr/share/ovmf/OVMF.inteltdx.fd of Ubuntu's
// packages ovmf-inteltdx, with the version in their names.
std::filesystem::path TdFirmware(const std::string& version) {
  return samples::Root() / "tdvf" / ("OVMF.inteltdx_" + version + ".fd");
}

std::string MrTdOfPackage(const std::string& version) {
  const Bytes image = samples::Read(TdFirmware(version));
  return HexEncode(MrTd(ReadTdvfMetadata(image).value()));
}

constexpr const char* kQuotedVersion = "2025.02-8ubuntu3";
constexpr std::size_t kMrTdInV5 = 54 + 136;  // quote header, descriptor; TD report

TEST(TdVectors, FirmwareOfAPackageHasTheMrTdThatATdxModuleQuoted) {
  if (!std::filesystem::exists(TdFirmware(kQuotedVersion))) {
    GTEST_SKIP() << "no firmware at " << TdFirmware(kQuotedVersion);
  }
  const Bytes quote = samples::Read(samples::Root() / "tdx" / "v5-google-sample-90C06F/quote.bin");
  EXPECT_EQ(MrTdOfPackage(kQuotedVersion), HexEncode(View(quote).subspan(kMrTdInV5, 48)));
}

// The value that a public verifier lists for that package.
TEST(TdVectors, FirmwareOfAnotherPackageHasItsPublishedMrTd) {
  const std::string version = "2025.02-8ubuntu3.2";
  if (!std::filesystem::exists(TdFirmware(version))) {
    GTEST_SKIP() << "no firmware at " << TdFirmware(version);
  }
  EXPECT_EQ(MrTdOfPackage(version),
            "ea216f26cc4ef0571dce29f0111c6dadfddcd86d032dbf990258456fe4d27799"
            "e8b72777fc05f532b1ebd597289d924d");
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

TEST(TdVectors, FirmwareMeasuresItsOwnVariables) {
  if (!std::filesystem::exists(TdFirmware(kQuotedVersion))) {
    GTEST_SKIP() << "no firmware at " << TdFirmware(kQuotedVersion);
  }
  const Bytes image = samples::Read(TdFirmware(kQuotedVersion));
  const auto sections = ReadTdvfMetadata(image).value();
  ASSERT_EQ(sections[1].kind, TdvfSection::Kind::kConfigurationFirmware);
  // The empty store is the same in EDK II since 2023: the log is of another build.
  EXPECT_EQ(ToBytes(Sha384(sections[1].content)),
            DigestOfNth(DirectBootLog(LogOfDirectBoot()), 1, 1));
}

}  // namespace
}  // namespace assay::measure
