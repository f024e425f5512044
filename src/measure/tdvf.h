// What a TDX firmware image (TDVF) asks the hypervisor to put into a guest's memory, and MRTD,
// which is the digest of that.
//
// Sources: Intel 344991 "TDX Virtual Firmware Design Guide" (the descriptor and its sections);
// EDK II OvmfPkg/ResetVector/X64/IntelTdxMetadata.asm; Intel "TDX Module ABI" (TDH.MEM.PAGE.ADD,
// TDH.MR.EXTEND: what they hash); QEMU hw/i386/tdvf.c and target/i386/kvm/tdx.c, Linux
// arch/x86/kvm/vmx/tdx.c (the order of the pages).
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace assay::measure {

struct TdvfSection {
  enum class Kind : std::uint32_t {
    kBootFirmware = 0,           // BFV: code
    kConfigurationFirmware = 1,  // CFV: the store of variables
    kTdHob = 2,                  // what the hypervisor tells of the guest's memory
    kTempMemory = 3,
  };
  Kind kind = Kind::kBootFirmware;
  std::uint64_t gpa = 0, size = 0;  // of guest-physical memory; multiples of a page
  View content;                     // of the image, `size` bytes; empty for what is memory only
  bool measured = false;            // MR.EXTEND: its content counts, not only its place
};

// In the order of the descriptor. An error for an image that is not built for TDX, or of which QEMU
// could not make a guest as the descriptor says.
Result<std::vector<TdvfSection>> ReadTdvfMetadata(View firmware);

// As QEMU and KVM of Linux 6.16 and later build a guest: section by section, and page by page first
// TDH.MEM.PAGE.ADD, then TDH.MR.EXTEND for each 256 bytes.
Sha384Digest MrTd(const std::vector<TdvfSection>& sections);

}  // namespace assay::measure
