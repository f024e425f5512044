// What OVMF tells the hypervisor about SEV-SNP guests.
//
// Sources: EDK II OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm (the entries of the table) and
// X64/OvmfSevMetadata.asm (the sections).
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::measure {

struct SevSection {
  enum class Kind : std::uint32_t {
    kZeroed = 1,
    kSecrets = 2,
    kCpuid = 3,
    kSvsmCaa = 4,
    kKernelHashes = 0x10,
  };
  std::uint32_t gpa = 0, size = 0;  // of guest-physical memory; multiples of a page
  Kind kind = Kind::kZeroed;
};

struct OvmfMetadata {
  std::vector<SevSection> sections;              // in the order in which they are launched
  std::optional<std::uint32_t> hash_table_gpa;   // where kernel hashes go
  std::optional<std::uint32_t> ap_reset_vector;  // EIP of the processors after the first
};

// An error when the image has no SEV sections: it is not built for SEV-SNP.
Result<OvmfMetadata> ReadOvmfMetadata(View firmware);

}  // namespace assay::measure
