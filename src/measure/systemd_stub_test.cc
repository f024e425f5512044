#include "measure/systemd_stub.h"

#include <gtest/gtest.h>

#include "measure/testing.h"

namespace assay::measure {
namespace {

using testing::kBanks;

Uki MakeUki(unsigned stub, const std::vector<std::string>& sections) {
  Uki out;
  out.stub = stub;
  out.command_line = "quiet";
  for (const std::string& name : sections) {
    out.sections.emplace_back(name, DigestsOf(AsBytes("content of " + name), kBanks));
  }
  return out;
}

std::string Story(const Uki& uki) {
  const auto events = StubEvents(uki, kBanks);
  if (!events) return events.error().message;
  std::string out;
  for (const ExpectedEvent& event : *events) {
    EXPECT_EQ(event.pcr, 11U);
    if (event.what.find("name of") == std::string::npos) out += event.what + " ";
  }
  return out;
}

TEST(SystemdStub, MeasuresInItsOwnOrderAndNotThatOfTheFile) {
  EXPECT_EQ(Story(MakeUki(252, {".initrd", ".pcrpkey", ".dtb", ".splash", ".cmdline", ".osrel",
                                ".linux", ".text"})),
            ".linux .osrel .cmdline .initrd .splash .dtb .pcrpkey ");
}

TEST(SystemdStub, MeasuresTheNameWithItsNulBeforeTheContent) {
  const auto events = StubEvents(MakeUki(252, {".linux"}), kBanks).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].digests, DigestsOf(AsBytes(std::string_view(".linux\0", 7)), kBanks));
  EXPECT_EQ(events[1].digests, DigestsOf(AsBytes("content of .linux"), kBanks));
}

TEST(SystemdStub, MeasuresOnlyWhatItsVersionKnows) {
  const std::vector<std::string> all = {".linux", ".ucode", ".uname", ".sbat"};
  EXPECT_EQ(Story(MakeUki(252, all)), ".linux ");
  EXPECT_EQ(Story(MakeUki(255, all)), ".linux .uname .sbat ");
  EXPECT_EQ(Story(MakeUki(256, all)), ".linux .ucode .uname .sbat ");
}

TEST(SystemdStub, NeverMeasuresTheSignatureOfPcr11) {
  EXPECT_EQ(Story(MakeUki(258, {".linux", ".pcrsig"})), ".linux ");
}

TEST(SystemdStub, RefusesVersionsThatAreNotCovered) {
  for (const unsigned version : {251U, 253U, 254U, 259U}) {
    EXPECT_NE(Story(MakeUki(version, {".linux"})).find("expected systemd-stub"), std::string::npos);
  }
}

TEST(SystemdStub, RefusesSectionsThatAreChosenAtBoot) {
  for (const std::string name : {".profile", ".dtbauto", ".hwids", ".efifw"}) {
    EXPECT_NE(Story(MakeUki(257, {".linux", name})).find(name), std::string::npos);
  }
}

TEST(SystemdStub, ReadsAnImage) {
  const std::string kernel(AsText(testing::MakePe({{".text", "kernel"}})));
  const Bytes file = testing::MakePe({{".sdmagic", "#### LoaderInfo: systemd-stub 252.39-1 ####"},
                                      {".linux", kernel},
                                      {".cmdline", std::string("quiet\0", 6)},
                                      {".osrel", "first"},
                                      {".osrel", "second"}});
  const Uki uki = ReadUki(PeImage::Parse(file).value(), kBanks).value();
  EXPECT_EQ(uki.stub, 252U);
  EXPECT_EQ(uki.command_line, "quiet");
  ASSERT_EQ(uki.sections.size(), 4U) << "the stub takes the first section of a name";
  EXPECT_EQ(uki.sections[3].second, DigestsOf(AsBytes("first"), kBanks));
  EXPECT_NE(uki.authenticode, uki.kernel_authenticode);
}

TEST(SystemdStub, AnImageWithoutAPartOfAUkiIsRefusedByItsName) {
  const auto refusal = [](const std::vector<std::pair<std::string, std::string>>& sections) {
    const Bytes file = testing::MakePe(sections);
    const auto uki = ReadUki(PeImage::Parse(file).value(), kBanks);
    return uki ? std::string() : uki.error().message;
  };
  EXPECT_NE(refusal({{".linux", "x"}}).find(".sdmagic"), std::string::npos);
  EXPECT_NE(refusal({{".sdmagic", "systemd-boot 252"}}).find("found"), std::string::npos);
  const std::pair<std::string, std::string> magic = {".sdmagic", "LoaderInfo: systemd-stub 252 "};
  EXPECT_NE(refusal({magic}).find(".linux"), std::string::npos);
  EXPECT_NE(refusal({magic, {".linux", "no PE"}}).find("MZ"), std::string::npos);
}

TEST(SystemdStub, PhasesAreExtendedOneByOne) {
  const auto events = PhaseEvents("enter-initrd:leave-initrd", kBanks);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].digests, DigestsOf(AsBytes("leave-initrd"), kBanks));
  EXPECT_TRUE(PhaseEvents("", kBanks).empty());
}

TEST(KernelStub, MeasuresTheCommandLineInUtf16WithItsEnd) {
  Uki uki = MakeUki(252, {".initrd"});
  uki.command_line = "a";
  const auto events = KernelStubEvents(uki, kBanks).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].digests, DigestsOf(AsBytes(std::string_view("a\0\0\0", 4)), kBanks));
  EXPECT_EQ(events[1].digests, DigestsOf(AsBytes("content of .initrd"), kBanks));
}

TEST(KernelStub, RefusesWhatItCannotPredict) {
  EXPECT_FALSE(KernelStubEvents(MakeUki(256, {".ucode"}), kBanks));
  Uki uki = MakeUki(252, {});
  uki.command_line = "\xC3\xA9";
  EXPECT_FALSE(KernelStubEvents(uki, kBanks));
}

}  // namespace
}  // namespace assay::measure
