#include "measure/td_boot.h"

#include <gtest/gtest.h>

#include "measure/testing.h"

namespace assay::measure {
namespace {

constexpr HashAlgorithm kRtmrBank = HashAlgorithm::kSha384;

TdDirectBoot GoodTdBoot() {
  TdDirectBoot out;
  out.kernel.file = testing::MakePe({{".text", "kernel"}});
  out.initrd.emplace();
  out.initrd->file = ToBytes(AsBytes("initrd"));
  out.command_line = "quiet initrd=initrd";
  return out;
}

std::vector<std::string> NamesIn(const ExpectedEvents& events, std::uint32_t rtmr) {
  std::vector<std::string> out;
  for (const ExpectedEvent& event : events) {
    if (event.pcr == rtmr) out.push_back(event.what);
  }
  return out;
}

Bytes DigestNamed(const TdDirectBoot& boot, const std::string& name) {
  const ExpectedEvents events = TdDirectBootEvents(boot).value();
  for (const ExpectedEvent& event : events) {
    if (event.what == name) return event.digests.at(kRtmrBank);
  }
  return {};
}

tcg::PcrValues Rtmrs(const TdDirectBoot& boot) {
  return PcrsAfter(TdDirectBootEvents(boot).value(), kRtmrBank).value();
}

TEST(TdDirectBoot, MeasuresTheKernelAsAnImageAndTheRestAsItIs) {
  const TdDirectBoot boot = GoodTdBoot();
  const Bytes image = PeImage::Parse(*boot.kernel.file)->AuthenticodeInput();
  EXPECT_EQ(DigestNamed(boot, "kernel"), ToBytes(Sha384(image)));
  EXPECT_EQ(DigestNamed(boot, "initrd"), ToBytes(Sha384(AsBytes("initrd"))));
  Bytes line;
  for (const char c : std::string("quiet initrd=initrd") + '\0') {
    testing::Le(line, static_cast<unsigned char>(c), 2);
  }
  EXPECT_EQ(DigestNamed(boot, "command line as the kernel is given it"), ToBytes(Sha384(line)));
}

TEST(TdDirectBoot, SeparatesWhereTheFirmwareDoes) {
  TdDirectBoot boot = GoodTdBoot();
  const std::vector<std::string> now = {"kernel", "Calling EFI Application from Boot Option",
                                        "separator", "Exit Boot Services Invocation",
                                        "Exit Boot Services Returned with Success"};
  EXPECT_EQ(NamesIn(TdDirectBootEvents(boot).value(), 1), now);
  boot.separator_in_rtmr1 = false;
  const ExpectedEvents old = TdDirectBootEvents(boot).value();
  EXPECT_EQ(NamesIn(old, 1).size(), 4U);
  EXPECT_EQ(NamesIn(old, 0).size(), 0U);  // not all of RTMR0 is known
}

TEST(TdDirectBoot, EachInputCountsInItsRegister) {
  const tcg::PcrValues good = Rtmrs(GoodTdBoot());
  TdDirectBoot boot = GoodTdBoot();
  boot.kernel.file = testing::MakePe({{".text", "another"}});
  EXPECT_NE(Rtmrs(boot).at(1), good.at(1));
  EXPECT_EQ(Rtmrs(boot).at(2), good.at(2));
  boot = GoodTdBoot();
  boot.initrd->file = ToBytes(AsBytes("another"));
  EXPECT_EQ(Rtmrs(boot).at(1), good.at(1));
  EXPECT_NE(Rtmrs(boot).at(2), good.at(2));
  boot = GoodTdBoot();
  boot.initrd.reset();
  EXPECT_NE(Rtmrs(boot).at(2), good.at(2));
  boot = GoodTdBoot();
  boot.command_line += " ";
  EXPECT_EQ(Rtmrs(boot).at(1), good.at(1));
  EXPECT_NE(Rtmrs(boot).at(2), good.at(2));
}

TEST(TdDirectBoot, TakesDigestsInPlaceOfFiles) {
  TdDirectBoot boot = GoodTdBoot();
  const tcg::PcrValues good = Rtmrs(boot);
  boot.kernel = {std::nullopt, {}, {{kRtmrBank, DigestNamed(boot, "kernel")}}};
  boot.initrd = Artefact{std::nullopt, {{kRtmrBank, DigestNamed(boot, "initrd")}}, {}};
  EXPECT_EQ(Rtmrs(boot), good);
}

TEST(TdDirectBoot, RefusesWhatIsNoKernelAndNoAscii) {
  TdDirectBoot boot = GoodTdBoot();
  boot.kernel.file = Bytes(100);
  EXPECT_FALSE(TdDirectBootEvents(boot));
  boot = GoodTdBoot();
  boot.command_line = "quiet \xC3\xA4";
  EXPECT_FALSE(TdDirectBootEvents(boot));
}

}  // namespace
}  // namespace assay::measure
