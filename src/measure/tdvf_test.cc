#include "measure/tdvf.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "measure/tdvf_testing.h"

namespace assay::measure {
namespace {

using testing::kDescriptorAt;
using testing::kOvmfSections;
using testing::kTdvfImage;
using testing::Le;
using testing::MakeTdvf;
using testing::Put;
using Raw = testing::RawTdvfSection;

Sha384Digest MrTdOf(const Bytes& image) { return MrTd(ReadTdvfMetadata(image).value()); }

// The TDX module's words, put together at once and in another way.
void Operation(Bytes& out, std::string_view name, std::uint64_t gpa) {
  Bytes block = ToBytes(AsBytes(name));
  block.resize(16);
  Le(block, gpa, 8);
  block.resize(128);
  Append(out, block);
}

TEST(Tdvf, MrTdIsTheDigestOfWhatTheModuleHashes) {
  const Bytes image = MakeTdvf();
  Bytes all;
  for (std::uint64_t gpa : {0xFFFFD000ULL, 0xFFFFE000ULL, 0xFFFFF000ULL}) {
    Operation(all, "MEM.PAGE.ADD", gpa);
    for (std::size_t chunk = 0; chunk < 16; ++chunk) {
      Operation(all, "MR.EXTEND", gpa + 256 * chunk);
      Append(all, View(image).subspan(gpa - 0xFFFFC000 + 256 * chunk, 256));
    }
  }
  for (std::uint64_t gpa : {0xFFFFC000ULL, 0x810000ULL, 0x811000ULL, 0x809000ULL}) {
    Operation(all, "MEM.PAGE.ADD", gpa);
  }
  EXPECT_EQ(MrTdOf(image), Sha384(all));
}

TEST(Tdvf, EachInputOfMrTdCounts) {
  const Sha384Digest good = MrTdOf(MakeTdvf());
  Bytes image = MakeTdvf();
  image[0x1000] ^= std::byte{1};  // the first byte of code
  EXPECT_NE(MrTdOf(image), good);
  image = MakeTdvf();
  image[kTdvfImage - 1] ^= std::byte{1};  // the last
  EXPECT_NE(MrTdOf(image), good);
  image = MakeTdvf();
  image[0xFFF] ^= std::byte{1};  // variables: they are measured into RTMR0
  EXPECT_EQ(MrTdOf(image), good);
  for (const auto change : std::vector<void (*)(std::vector<Raw>&)>{
           [](auto& s) { s[0].address -= 0x1000; },
           [](auto& s) { s[1].attributes = 1; },
           [](auto& s) { s[2].address += 0x1000; },
           [](auto& s) { s[2].size += 0x1000; },
           [](auto& s) { std::swap(s[2], s[3]); },
       }) {
    std::vector<Raw> sections = kOvmfSections;
    change(sections);
    EXPECT_NE(MrTdOf(MakeTdvf(sections)), good);
  }
}

TEST(Tdvf, TellsItsSections) {
  const Bytes image = MakeTdvf();
  const auto sections = ReadTdvfMetadata(image).value();
  ASSERT_EQ(sections.size(), 4U);
  EXPECT_EQ(sections[0].kind, TdvfSection::Kind::kBootFirmware);
  EXPECT_TRUE(sections[0].measured);
  EXPECT_TRUE(Equal(sections[1].content, View(image).first(0x1000)));
  EXPECT_EQ(sections[2].size, 0x2000U);
  EXPECT_TRUE(sections[3].content.empty());
}

std::string Refusal(const Bytes& image) {
  const auto sections = ReadTdvfMetadata(image);
  return sections ? "taken" : sections.error().message;
}

TEST(Tdvf, RefusesEachFaultOfASection) {
  struct Fault {
    std::size_t section;
    void (*change)(Raw&);
    std::string reason;
  };
  for (const Fault& fault : std::vector<Fault>{
           {0, [](Raw& s) { s.address += 1; }, "whole pages"},
           {2, [](Raw& s) { s.size += 1; }, "whole pages"},
           {2, [](Raw& s) { s.size = 0; }, "whole pages"},
           {2, [](Raw& s) { s.address = 1ULL << 52U; }, "whole pages"},
           {2, [](Raw& s) { s.size = limits::kLaunchBytes + 0x1000; }, "whole pages"},
           {2, [](Raw& s) { s.size = limits::kLaunchBytes; }, "together"},
           {2, [](Raw& s) { s.type = 4; }, "of type 4"},
           {2, [](Raw& s) { s.attributes = 2; }, "PAGE.AUG"},
           {2, [](Raw& s) { s.attributes = 4; }, "attributes 0x4"},
           {2, [](Raw& s) { s.data_size = 1; }, "with content"},
           {2, [](Raw& s) { s.attributes = 1; }, "the hypervisor chooses"},
           {0, [](Raw& s) { s.data_size -= 1; }, "of content for"},
           {0, [](Raw& s) { s.data_offset += 1; }, "code without its variables"},
           {0, [](Raw& s) { s.data_offset = 0xFFFFFFFF; }, "code without its variables"},
           {0, [](Raw& s) { s.attributes = 0; }, "would not cover its code"},
           {0, [](Raw& s) { s.type = 1; }, "would not cover its code"},
           {3, [](Raw& s) { s.type = 3; }, "TD HOB"},
       }) {
    std::vector<Raw> sections = kOvmfSections;
    fault.change(sections[fault.section]);
    const std::string refusal = Refusal(MakeTdvf(sections));
    EXPECT_NE(refusal.find(fault.reason), std::string::npos) << fault.reason << ": " << refusal;
  }
}

TEST(Tdvf, RefusesEachFaultOfTheDescriptor) {
  struct Fault {
    std::size_t at;
    std::uint64_t value;
    std::string reason;
  };
  const std::size_t footer = testing::OvmfFooter(kTdvfImage);
  for (const Fault& fault : std::vector<Fault>{
           {footer - 16, 0, "no TDX metadata"},
           {footer - 22, kTdvfImage + 1, "outside of it"},
           {footer - 22, 2, "needs 4 bytes for signature"},
           {kDescriptorAt, 0, "expected \"TDVF\""},
           {kDescriptorAt + 4, 16 + 32 * 3, "a descriptor of"},
           {kDescriptorAt + 8, 2, "version 1"},
           {kDescriptorAt + 12, 65, "a descriptor of"},
       }) {
    Bytes image = MakeTdvf();
    Put(image, fault.at, fault.value, 4);
    const std::string refusal = Refusal(image);
    EXPECT_NE(refusal.find(fault.reason), std::string::npos) << fault.reason << ": " << refusal;
  }
}

TEST(Tdvf, RefusesADescriptorWithoutSections) {
  const std::string refusal = Refusal(MakeTdvf({}));
  EXPECT_NE(refusal.find("TD HOB"), std::string::npos) << refusal;
}

}  // namespace
}  // namespace assay::measure
