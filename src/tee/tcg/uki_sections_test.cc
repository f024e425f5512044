#include "tee/tcg/uki_sections.h"

#include <gtest/gtest.h>

namespace assay::tcg {
namespace {

constexpr HashAlgorithm kBank = HashAlgorithm::kSha256;

struct StubLog {
  void Add(std::string_view measured, std::uint32_t pcr = 11) {
    digests.push_back(Hash(kBank, AsBytes(measured)));
    Event event;
    event.index = pcr;
    event.type = kEvIpl;
    log.events.push_back(event);
  }
  std::string Story() {
    for (std::size_t i = 0; i < digests.size(); ++i) log.events[i].digests = {{kBank, digests[i]}};
    const UkiSections found = ReadUkiSections(log, kBank);
    std::string out;
    for (const UkiSection& section : found.sections) {
      out += std::string(section.name) +
             (Equal(section.digest, Hash(kBank, AsBytes("content"))) ? " " : "? ");
    }
    return out + std::to_string(found.unexplained);
  }

  std::vector<Bytes> digests;
  EventLog log;
};

constexpr std::string_view kLinux{".linux\0", 7}, kCommandLine{".cmdline\0", 9};

TEST(UkiSections, ArePairsOfNameAndContent) {
  StubLog log;
  for (const std::string_view name : {kLinux, kCommandLine}) {
    log.Add(name);
    log.Add("another PCR", 9);
    log.Add("content");
  }
  EXPECT_EQ(log.Story(), ".linux .cmdline 0");
}

TEST(UkiSections, AContentThatIsANameIsStillContent) {
  StubLog log;
  log.Add(kLinux);
  log.Add(kCommandLine);
  log.Add(kCommandLine);
  log.Add("content");
  EXPECT_EQ(log.Story(), ".linux? .cmdline 0");
}

TEST(UkiSections, WhatIsNoSectionIsCounted) {
  StubLog log;
  log.Add("enter-initrd");
  log.Add(kLinux);
  log.Add("content");
  log.Add(kLinux);
  log.Add(kCommandLine);
  EXPECT_EQ(log.Story(), ".linux 3") << "a phase, the name again, a name without content";
}

TEST(UkiSections, OfAMachineWithoutUkiAreNone) { EXPECT_EQ(StubLog().Story(), "0"); }

}  // namespace
}  // namespace assay::tcg
