#include "measure/snp_launch.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "measure/testing.h"
#include "measure/vmsa.h"

namespace assay::measure {
namespace {

using Kind = SevSection::Kind;
using testing::Le;
using testing::LeNumber;
using testing::MakeOvmfImage;
using testing::Put;

// The sections of OVMF's AmdSev build, where they are since 2023.
const std::vector<SevSection> kAmdSev = {
    {0x800000, 0x9000, Kind::kZeroed},       {0x80A000, 0x3000, Kind::kZeroed},
    {0x80D000, 0x1000, Kind::kSecrets},      {0x80E000, 0x1000, Kind::kCpuid},
    {0x80F000, 0x1000, Kind::kKernelHashes}, {0x810000, 0x10000, Kind::kZeroed},
};

OvmfMetadata AmdSev() {
  OvmfMetadata out;
  out.sections = kAmdSev;
  out.hash_table_gpa = 0x80FC00;
  out.ap_reset_vector = 0x80B004;
  return out;
}

Sha384Digest Digest(std::string_view hex) {
  Sha384Digest out{};
  const Bytes bytes = HexDecode(hex).value();
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

SnpGuest Guest(unsigned vcpus, std::optional<std::string_view> command_line) {
  SnpGuest out;
  out.vcpus = vcpus;
  out.cpu_signature = CpuSignature("EPYC-v4").value();
  if (command_line) out.kernel = HashKernel({}, {}, *command_line);
  return out;
}

std::string Launch(std::string_view firmware, const SnpGuest& guest) {
  const auto digest = SnpLaunchDigestAfter(Digest(firmware), AmdSev(), guest);
  return digest ? HexEncode(*digest) : digest.error().message;
}

// The values that IBM's sev-snp-measure publishes in its own tests for an AmdSev image, whose pages
// it names by their digest.
constexpr std::string_view kFirmwareA =
    "cab7e085874b3acfdbe2d96dcaa3125111f00c35c6fc9708464c2ae74bfdb048a198cb9a9ccae0b3e5e1a33f5f2498"
    "19";
constexpr std::string_view kFirmwareB =
    "edcf6d1c57ce868a167c990f58c8667c698269ef9e0803246419eea914186343054d557e1f17acd93b032c106bc70d"
    "25";

TEST(SnpLaunch, ReproducesThePublishedDigests) {
  EXPECT_EQ(Launch(kFirmwareA, Guest(1, "")),
            "db06fb267824b1ccb56edbe2a9c2ce88841bca5090dc6dac"
            "91d9cd30f3c2c0bf42daccb30d55d6625bfbf0dae5c50c6d");
  EXPECT_EQ(Launch(kFirmwareB, Guest(1, "console=ttyS0 loglevel=7")),
            "f07864303ad8243132029e8110b92805c78d1135a15da75f"
            "67abb9a711d78740347f24ee76f603e650ec4adf3611cc1e");
  EXPECT_EQ(Launch(kFirmwareB, Guest(1, std::nullopt)),
            "e5e6be5a8fa6256f0245666bb237e2d028b7928148ce78d5"
            "1b8a64dc9506c377709a5b5d7ab75554593bced304fcff93");
  EXPECT_EQ(Launch(kFirmwareB, Guest(4, "")),
            "1c784beb8c49aa604b7fd57fbc73b36ec53a3f5fb48a2b89"
            "5ad6cc2ea15d18ee7cc15e3e57c792766b45f944c3e81cfe");
}

TEST(SnpLaunch, EachInputCounts) {
  const std::string good = Launch(kFirmwareB, Guest(2, "quiet"));
  EXPECT_NE(Launch(kFirmwareA, Guest(2, "quiet")), good);
  EXPECT_NE(Launch(kFirmwareB, Guest(3, "quiet")), good);
  EXPECT_NE(Launch(kFirmwareB, Guest(2, "quiet ")), good);
  SnpGuest other = Guest(2, "quiet");
  other.kernel->initrd[0] ^= std::byte{1};
  EXPECT_NE(Launch(kFirmwareB, other), good);
  other = Guest(2, "quiet");
  other.kernel->kernel[0] ^= std::byte{1};
  EXPECT_NE(Launch(kFirmwareB, other), good);
  other = Guest(2, "quiet");
  other.cpu_signature = CpuSignature("EPYC-Milan").value();
  EXPECT_NE(Launch(kFirmwareB, other), good);
  other = Guest(2, "quiet");
  other.guest_features = 3;
  EXPECT_NE(Launch(kFirmwareB, other), good);
}

TEST(SnpLaunch, RefusesAKernelThatFirmwareWouldNotCheck) {
  OvmfMetadata metadata = AmdSev();
  metadata.sections.erase(metadata.sections.begin() + 4);
  const auto refusal = SnpLaunchDigestAfter({}, metadata, Guest(1, ""));
  ASSERT_FALSE(refusal);
  EXPECT_NE(refusal.error().message.find("kernel hashes"), std::string::npos);
}

TEST(SnpLaunch, RefusesAHashTableOutsideItsSection) {
  for (const std::uint32_t at : {0U, 0x80EFFFU, 0x80FF60U, 0x810000U}) {
    OvmfMetadata metadata = AmdSev();
    metadata.hash_table_gpa = at;
    EXPECT_FALSE(SnpLaunchDigestAfter({}, metadata, Guest(1, ""))) << at;
  }
}

TEST(SnpLaunch, RefusesImpossibleProcessors) {
  EXPECT_FALSE(SnpLaunchDigestAfter({}, AmdSev(), Guest(0, "")));
  EXPECT_FALSE(SnpLaunchDigestAfter({}, AmdSev(), Guest(4097, "")));
  OvmfMetadata metadata = AmdSev();
  metadata.ap_reset_vector.reset();
  EXPECT_TRUE(SnpLaunchDigestAfter({}, metadata, Guest(1, "")));
  EXPECT_FALSE(SnpLaunchDigestAfter({}, metadata, Guest(2, "")));
}

TEST(SnpLaunch, KnowsModelsWithAndWithoutVersion) {
  EXPECT_EQ(CpuSignature("EPYC-Genoa-v1").value(), 0x00A10F10U);
  EXPECT_EQ(CpuSignature("EPYC-Milan").value(), 0x00A00F11U);
  EXPECT_FALSE(CpuSignature("Skylake-Server"));
}

constexpr tcg::Guid kMetadataGuid =
    tcg::MakeGuid(0xdc886566, 0x984a, 0x4798, {0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc});
constexpr tcg::Guid kHashTableGuid =
    tcg::MakeGuid(0x7255371f, 0x3a3b, 0x4b04, {0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54});
constexpr tcg::Guid kResetGuid =
    tcg::MakeGuid(0x00f771de, 0x1a7e, 0x4fcb, {0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e});

constexpr std::size_t kMetadataAt = 0x1000, kImage = 0x2000;

// Two pages: metadata at the start of the second, the table of entries at its end.
Bytes MakeOvmf() {
  Bytes metadata = ToBytes(AsBytes("ASEV"));
  Le(metadata, 16 + 12 * kAmdSev.size(), 4);
  Le(metadata, 1, 4);
  Le(metadata, kAmdSev.size(), 4);
  for (const SevSection& section : kAmdSev) {
    Le(metadata, section.gpa, 4);
    Le(metadata, section.size, 4);
    Le(metadata, static_cast<std::uint32_t>(section.kind), 4);
  }
  Bytes out = MakeOvmfImage(kImage, {{kHashTableGuid, LeNumber(0x80FC00, 4)},
                                     {kResetGuid, LeNumber(0x80B004, 4)},
                                     {kMetadataGuid, LeNumber(kImage - kMetadataAt, 4)}});
  std::copy(metadata.begin(), metadata.end(), out.begin() + kMetadataAt);
  return out;
}

TEST(Ovmf, TellsItsSectionsAndAddresses) {
  const OvmfMetadata metadata = ReadOvmfMetadata(MakeOvmf()).value();
  EXPECT_EQ(metadata.sections.size(), kAmdSev.size());
  EXPECT_EQ(metadata.sections[4].kind, Kind::kKernelHashes);
  EXPECT_EQ(metadata.hash_table_gpa, 0x80FC00U);
  EXPECT_EQ(metadata.ap_reset_vector, 0x80B004U);
}

TEST(Ovmf, LiesBelowFourGib) {
  const Bytes image = MakeOvmf();
  LaunchDigest pages;
  pages.AddPages(0xFFFFE000, image);
  EXPECT_EQ(SnpLaunchDigest(image, Guest(1, "")).value(),
            SnpLaunchDigestAfter(pages.value(), AmdSev(), Guest(1, "")).value());
}

TEST(Ovmf, RefusesCorruptTablesEachForItsReason) {
  struct Fault {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
    std::string reason;
  };
  const std::size_t footer = testing::OvmfFooter(kImage);
  for (const Fault& fault : std::vector<Fault>{
           {footer + 2, 0, 4, "no table"},
           {footer, 0xFFFF, 2, "an entry of"},
           {footer - 18, 5, 2, "an entry of"},
           {footer - 22, 0xFFFFFF, 4, "outside"},
           {footer - 16, 0, 4, "no SEV metadata"},
           {kMetadataAt, 0, 4, "ASEV"},
           {kMetadataAt + 12, 65, 4, "too many"},
           {kMetadataAt + 16, 1, 4, "a SEV section"},
           {kMetadataAt + 20, 0xFFFFF000, 4, "a SEV section"},
           {kMetadataAt + 24, 9, 4, "of type 9"},
       }) {
    Bytes image = MakeOvmf();
    Put(image, fault.at, fault.value, fault.size);
    const auto metadata = ReadOvmfMetadata(image);
    ASSERT_FALSE(metadata) << fault.reason;
    EXPECT_NE(metadata.error().message.find(fault.reason), std::string::npos)
        << fault.reason << ": " << metadata.error().message;
  }
  EXPECT_FALSE(SnpLaunchDigest(Bytes(100), Guest(1, "")));
  EXPECT_FALSE(SnpLaunchDigest({}, Guest(1, "")));
}

}  // namespace
}  // namespace assay::measure
