// RTMR1 and RTMR2 of a TDX guest whose kernel QEMU hands to the firmware (-kernel).
//
// Sources: UEFI 2.10 §38.4.1 (which register stands for which PCRs); EDK II OvmfPkg/Tcg/TdTcg2Dxe
// (order, actions, separator); QEMU hw/i386/x86-common.c (a confidential guest's kernel is handed
// over as the file is).
#pragma once

#include <string>

#include "measure/trusted_launch.h"

namespace assay::measure {

// RTMRs have one bank.
inline const Banks kRtmrBanks = {HashAlgorithm::kSha384};

struct TdDirectBoot {
  Artefact kernel;
  std::optional<Artefact> initrd;
  // As the kernel is given it. Firmware adds "initrd=initrd" to QEMU's -append, before or behind it
  // by its version.
  std::string command_line;
  // EDK II before stable202411 puts the separator that ends its own measurements into RTMR0.
  bool separator_in_rtmr1 = true;
};

// `pcr` of an event is the number of its RTMR here.
Result<ExpectedEvents> TdDirectBootEvents(const TdDirectBoot& boot);

}  // namespace assay::measure
