// What systemd-stub measures of a unified kernel image, and the kernel's stub after it.
//
// Sources: systemd-stub(7), systemd-measure(1), UAPI.5 (Unified Kernel Image), systemd's
// src/fundamental/uki.h for the order; Linux drivers/firmware/efi/libstub for PCR 9.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "measure/expected_event.h"
#include "measure/pe_image.h"

namespace assay::measure {

// What of a UKI is measured. `ReadUki` takes it from the file; where only digests are known, they
// can be put together by hand.
struct Uki {
  unsigned stub = 0;  // version of systemd-stub
  Digests authenticode;
  Digests kernel_authenticode;                            // of the image in .linux
  std::string command_line;                               // .cmdline, without a NUL
  std::vector<std::pair<std::string, Digests>> sections;  // in file order
};

// The version stands in the stub's own mark, "#### LoaderInfo: systemd-stub 252.39-1 ####" in
// .sdmagic.
Result<Uki> ReadUki(const PeImage& image, const Banks& banks);

// PCR 11: for each section that the stub knows, in its order, the name with its NUL, then the
// content. Versions 252 and 255 to 258 (252 is proven by quotes, the others are by the source; when
// .uname and .sbat came in, between them, is not settled). Sections of which the stub chooses one
// at boot (.profile, .dtbauto, .hwids, .efifw) are an error: it depends on the machine.
Result<ExpectedEvents> StubEvents(const Uki& uki, const Banks& banks);

// PCR 11 goes on after the firmware's log ends: systemd extends the name of each phase of the boot
// (systemd-pcrphase.service(8)): "enter-initrd", "leave-initrd", "sysinit", "ready".
ExpectedEvents PhaseEvents(std::string_view phases_with_colons, const Banks& banks);

// PCR 9: the kernel's EFI stub measures its command line, in UTF-16 with its NUL, and the initrd
// (so Linux 6.1 does). An error for an image with .ucode: then the initrd is put together at boot.
Result<ExpectedEvents> KernelStubEvents(const Uki& uki, const Banks& banks);

}  // namespace assay::measure
