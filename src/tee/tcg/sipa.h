// The tagged events of Windows' measured boot ("SIPA"): {u32 id, u32 size, data}, and containers
// whose data are events again.
//
// Source: wbcl.h of the Windows SDK. Bit 30 of an id marks a container, bit 31 what is not
// measured.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::tcg {

namespace sipa {
inline constexpr std::uint32_t kTrustBoundary = 0x40010001, kElamAggregation = 0x40010002;
inline constexpr std::uint32_t kLoadedModuleAggregation = 0x40010003;
inline constexpr std::uint32_t kBitlockerUnlock = 0x00020005, kElamKeyName = 0x00090001;
inline constexpr std::uint32_t kVsmIdksInfo = 0x00050023;
}  // namespace sipa

struct SipaEvent {
  std::uint32_t id = 0;
  View data;
  std::vector<SipaEvent> inner;  // of a container

  bool is_container() const { return (id & 0x40000000U) != 0; }
};

// The events must fill `data`.
Result<std::vector<SipaEvent>> ParseSipa(View data);

// A number, little-endian, of 1, 4 or 8 bytes.
Result<std::uint64_t> SipaNumber(const SipaEvent& event);

}  // namespace assay::tcg
