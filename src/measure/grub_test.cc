#include "measure/grub.h"

#include <gtest/gtest.h>

#include "measure/grub_script.h"
#include "measure/testing.h"

namespace assay::measure {
namespace {

using testing::kBanks;

GrubBoot Boot(std::string_view config) {
  GrubBoot out;
  out.preamble = {"source (hd0)/grub.cfg"};
  out.config = config;
  out.config_digests = DigestsOf(AsBytes("config"), kBanks);
  out.kernel_digests = DigestsOf(AsBytes("kernel"), kBanks);
  out.initrd_digests = DigestsOf(AsBytes("initrd"), kBanks);
  return out;
}

// "8 grub_cmd: boot", one a line.
std::string Story(std::string_view config) {
  const auto events = GrubEvents(Boot(config), kBanks);
  if (!events) return events.error().message;
  std::string out;
  for (const ExpectedEvent& event : *events) {
    out += std::to_string(event.pcr) + " " + event.what + "\n";
  }
  return out;
}

TEST(Grub, MeasuresCommandsAndTheFilesThatTheyRead) {
  EXPECT_EQ(Story("# a comment\nlinux  /vmlinuz quiet\ninitrd /initrd.img; boot\n"),
            "8 grub_cmd: source (hd0)/grub.cfg\n"
            "9 grub.cfg\n"
            "8 grub_cmd: linux /vmlinuz quiet\n"
            "9 kernel /vmlinuz\n"
            "8 kernel_cmdline: /vmlinuz quiet\n"
            "8 grub_cmd: initrd /initrd.img\n"
            "9 initrd /initrd.img\n"
            "8 grub_cmd: boot\n");
}

TEST(Grub, MeasuresTheTextWithoutItsPrefix) {
  const auto events = GrubEvents(Boot("linux /vmlinuz\nboot"), kBanks).value();
  EXPECT_EQ(events.back().digests, DigestsOf(AsBytes("boot"), kBanks));
}

TEST(Grub, TakesQuotesFromCommandsAndPutsThemIntoTheKernelsLine) {
  const std::string story = Story("linux /vmlinuz 'dyndbg=a b' c\\ d \"e\" ''x\nboot");
  EXPECT_NE(story.find("grub_cmd: linux /vmlinuz dyndbg=a b c d e x\n"), std::string::npos)
      << story;
  EXPECT_NE(story.find("kernel_cmdline: /vmlinuz \"dyndbg=a b\" \"c d\" e x\n"), std::string::npos)
      << story;
}

TEST(Grub, EscapesQuotesInTheKernelsLine) {
  const std::string story = Story("linux /vmlinuz 'a\"b' 'c\\d' 'e\\x41'\nboot");
  EXPECT_NE(story.find("kernel_cmdline: /vmlinuz a\\\"b c\\\\d e\\x41\n"), std::string::npos)
      << story;
}

TEST(Grub, RefusesWhatOnlyTheMachineDecidesAndNamesTheLine) {
  for (const std::string_view text :
       {"if true", "set root=$x", "menuentry x {", "x=1", "linux `a`", "a && b", "a | b",
        "echo \"$x\"", "[ -e x ]", "echo 'a\nb'", "echo 'a", "echo a\\"}) {
    const auto commands = ParseGrubScript("boot\n" + std::string(text));
    ASSERT_FALSE(commands) << text;
    EXPECT_NE(commands.error().message.find("line 2"), std::string::npos) << text;
  }
}

TEST(Grub, RefusesCommandsThatMayReadFiles) {
  EXPECT_NE(Story("insmod gzio\nlinux /vmlinuz\nboot").find("line 1: insmod"), std::string::npos);
  EXPECT_NE(Story("linux /vmlinuz\ninitrd /a /b\nboot").find("line 2: initrd"), std::string::npos);
  EXPECT_NE(Story("linux /vmlinuz\ninitrd /a\ninitrd /b\nboot").find("line 3"), std::string::npos);
}

TEST(Grub, RefusesAScriptThatDoesNotBootOneKernel) {
  EXPECT_NE(Story("linux /vmlinuz").find("no boot"), std::string::npos);
  EXPECT_NE(Story("boot").find("found 0"), std::string::npos);
  EXPECT_NE(Story("linux /a\nlinux /b\nboot").find("found 2"), std::string::npos);
  EXPECT_NE(Story("linux /a\nboot\necho").find("after boot"), std::string::npos);
}

TEST(Grub, CommandsGoOnAfterABackslashAtTheEndOfALine) {
  const auto commands = ParseGrubScript("linux /vmlinuz \\\n quiet\nboot").value();
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0].words.size(), 3U);
  EXPECT_EQ(commands[1].line, 3U);
}

TEST(Grub, AnotherVendorsFirstCommandsHaveToBeGiven) {
  const Bytes file = testing::MakePe({{"mods", "mimg if [ -z \"$prefix\" ]; then"}});
  const auto preamble = DebianPreamble(PeImage::Parse(file).value(), "hd0");
  ASSERT_FALSE(preamble);
  EXPECT_NE(preamble.error().hint.find("--grub-preamble"), std::string::npos);
}

}  // namespace
}  // namespace assay::measure
