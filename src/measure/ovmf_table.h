// The table of GUIDed entries at the end of an OVMF image: what it tells hypervisors.
//
// Source: EDK II OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm: the table ends 32 bytes before the
// end of the image and is read from its end; each entry is its content, u16 size, GUID.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tee/tcg/uefi.h"

namespace assay::measure {

struct OvmfEntry {
  tcg::Guid guid{};
  View content;
};

// From the last to the first. An error when the image has no such table.
Result<std::vector<OvmfEntry>> ReadOvmfTable(View firmware);

// The content of an entry that holds one number: an address, or an offset from the image's end.
Result<std::uint32_t> NumberIn(const OvmfEntry& entry);

}  // namespace assay::measure
