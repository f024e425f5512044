// The sections of a real unified kernel image, from the log of its boot.
#include "tee/tcg/uki_sections.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/digest.h"
#include "vectors/samples.h"

namespace assay {
namespace {

TEST(UkiSections, OfARealBootAreThoseThatWereBuiltIn) {
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root();
  const auto folder = samples::Root() / "trusted-launch/uki-good";
  const Bytes bytes = samples::Read(folder / "bios.log");
  const tcg::EventLog log = tcg::ParseEventLog(bytes).value();
  const auto found = tcg::ReadUkiSections(log, tcg::HashAlgorithm::kSha256);
  EXPECT_EQ(found.unexplained, 0U);
  std::string names;
  for (const tcg::UkiSection& section : found.sections) names += std::string(section.name) + " ";
  ASSERT_EQ(names, ".linux .osrel .cmdline .initrd ");
  std::string line(AsText(samples::Read(folder / "cmdline")));
  line.resize(line.find('\n'));
  EXPECT_TRUE(Equal(found.sections[2].digest, Sha256(AsBytes(line))));
}

}  // namespace
}  // namespace assay
