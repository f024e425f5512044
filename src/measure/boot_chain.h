// The PCRs of a Trusted Launch machine, predicted from what it will boot.
//
// The story of a boot, from the firmware's policy to the kernel's own stub, as UEFI firmware of the
// EDK II kind measures it (PFP 1.06 §3.3.4); proven against quotes of OVMF, shim, GRUB,
// systemd-stub and Linux. PCRs 0, 1 and 14 depend on the firmware's build and the virtual hardware:
// learned.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "measure/grub.h"
#include "measure/secure_boot_policy.h"
#include "measure/systemd_stub.h"

namespace assay::measure {

// An image that is loaded as an EFI application: its Authenticode digests.
Result<Digests> AuthenticodeDigests(View file, const Banks& banks);

// Firmware that boots one application and then a kernel which leaves boot services: PCRs 2, 3 and 6
// hold their separator only, PCR 5 the two actions of ExitBootServices besides. So it is where no
// option ROM is run and the disk that is booted has no GPT.
ExpectedEvents FirmwareEvents(const Banks& banks);

// PCR 4, in the order in which they start. Named for people: {"shim", digests}.
struct LoadedImage {
  std::string name;
  Digests digests;
};
ExpectedEvents LoadedImageEvents(const std::vector<LoadedImage>& images, const Banks& banks);

// Debian's chain: shim, GRUB, then the kernel twice, when shim verifies it and when GRUB loads it.
std::vector<LoadedImage> ShimGrubImages(Digests shim, Digests grub, Digests kernel);

// A UKI. Without Secure Boot systemd-stub has firmware load the kernel in .linux too; with it, it
// has verified the whole already and loads the kernel past the firmware's check.
std::vector<LoadedImage> UkiImages(const Uki& uki, bool secure_boot);

}  // namespace assay::measure
