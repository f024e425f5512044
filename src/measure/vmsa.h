// The state in which a virtual processor starts: one page that SEV-SNP measures.
//
// Source: AMD APM Vol. 2 table B-4 (offsets); the values are those of a processor after INIT
// (APM Vol. 2 table 14-1) with what QEMU and KVM set besides (EFER.SVME, CR4.MCE).
#pragma once

#include "base/bytes.h"

namespace assay::measure {

inline constexpr std::uint32_t kResetVector = 0xFFFFFFF0;

Bytes InitialVmsa(std::uint32_t eip, std::uint32_t cpu_signature, std::uint64_t sev_features);

}  // namespace assay::measure
