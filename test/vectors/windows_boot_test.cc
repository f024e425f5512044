// What a real Windows Server said of its start.
#include "tee/tcg/windows_boot.h"

#include <gtest/gtest.h>

#include "vectors/samples.h"

namespace assay {
namespace {

TEST(WindowsBoot, ReadsTheLogOfAWindowsServer) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  const Bytes bytes =
      samples::Read(samples::Root() / "tpm/gcp-windows-shielded-sha1log/eventlog.bin");
  const tcg::EventLog log = tcg::ParseEventLog(bytes).value();
  const auto boot = tcg::ReadWindowsBoot(log);
  ASSERT_TRUE(boot) << boot.error().message;
  ASSERT_TRUE(boot->has_value());
  EXPECT_EQ((*boot)->code_integrity, true);
  EXPECT_EQ((*boot)->boot_debugging, false);
  EXPECT_EQ((*boot)->kernel_debugging, false);
  EXPECT_EQ((*boot)->test_signing, false);
  EXPECT_EQ((*boot)->flight_signing, false);
  EXPECT_EQ((*boot)->safe_mode, false);
  EXPECT_EQ((*boot)->winpe, false);
  EXPECT_EQ((*boot)->bitlocker_unlocked, false);
  EXPECT_EQ((*boot)->hypervisor_launch_type, 0U);
  EXPECT_EQ((*boot)->vsm_launch_type, 0U);
  EXPECT_EQ((*boot)->data_execution_prevention, 1U);
  EXPECT_EQ((*boot)->elam_drivers, std::vector<std::string>{"Windows Defender"});
  EXPECT_TRUE((*boot)->idks.empty()) << "it ran without VBS";
  EXPECT_FALSE((*boot)->vsm_required.has_value());
}

TEST(WindowsBoot, NoLinuxLogIsTakenForWindows) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  for (const std::string name :
       {"trusted-launch/good/bios.log", "trusted-launch/uki-good/bios.log"}) {
    const Bytes bytes = samples::Read(samples::Root() / name);
    EXPECT_FALSE(tcg::ReadWindowsBoot(tcg::ParseEventLog(bytes).value()).value().has_value())
        << name;
  }
}

}  // namespace
}  // namespace assay
