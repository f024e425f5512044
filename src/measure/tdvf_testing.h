// TDX firmware images that tests make up.
#pragma once

#include <vector>

#include "measure/testing.h"

namespace assay::measure::testing {

inline constexpr tcg::Guid kTdxMetadataOffset =
    tcg::MakeGuid(0xe47a6535, 0x984a, 0x4798, {0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2});

struct RawTdvfSection {
  std::uint32_t data_offset = 0, data_size = 0;
  std::uint64_t address = 0, size = 0;
  std::uint32_t type = 0, attributes = 0;
};

// As OVMF has it, but smaller: variables, then code.
inline constexpr std::size_t kTdvfImage = 0x4000, kDescriptorAt = 0x3800;
inline const std::vector<RawTdvfSection> kOvmfSections = {
    {0x1000, 0x3000, 0xFFFFD000, 0x3000, 0, 1},
    {0x0000, 0x1000, 0xFFFFC000, 0x1000, 1, 0},
    {0, 0, 0x810000, 0x2000, 3, 0},
    {0, 0, 0x809000, 0x1000, 2, 0},
};

inline Bytes MakeTdvf(const std::vector<RawTdvfSection>& sections = kOvmfSections) {
  Bytes out =
      MakeOvmfImage(kTdvfImage, {{kTdxMetadataOffset, LeNumber(kTdvfImage - kDescriptorAt, 4)}});
  for (std::size_t i = 0; i < kDescriptorAt; ++i) out[i] = static_cast<std::byte>(i * 7 + i / 251);
  Bytes descriptor = ToBytes(AsBytes("TDVF"));
  Le(descriptor, 16 + 32 * sections.size(), 4);
  Le(descriptor, 1, 4);
  Le(descriptor, sections.size(), 4);
  for (const RawTdvfSection& section : sections) {
    Le(descriptor, section.data_offset, 4);
    Le(descriptor, section.data_size, 4);
    Le(descriptor, section.address, 8);
    Le(descriptor, section.size, 8);
    Le(descriptor, section.type, 4);
    Le(descriptor, section.attributes, 4);
  }
  std::copy(descriptor.begin(), descriptor.end(), out.begin() + kDescriptorAt);
  return out;
}

}  // namespace assay::measure::testing
