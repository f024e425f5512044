// The launch digest of an AMD SEV-SNP guest: MEASUREMENT of its attestation reports.
//
// Sources: AMD 56860 "SEV-SNP Firmware ABI" §8.17.2 (SNP_LAUNCH_UPDATE: PAGE_INFO); QEMU
// target/i386/sev.c (the order of the pages, the table of kernel hashes); AMD APM Vol. 2 table B-4
// (VMSA) with the reset state that QEMU and KVM give it.
#pragma once

#include <optional>
#include <string_view>

#include "crypto/digest.h"
#include "measure/ovmf.h"

namespace assay::measure {

// The digest so far, extended page by page.
class LaunchDigest {
 public:
  enum class PageType : std::uint8_t {  // 56860 table 68
    kNormal = 1,
    kVmsa = 2,
    kZero = 3,
    kSecrets = 5,
    kCpuid = 6,
  };

  LaunchDigest() = default;
  explicit LaunchDigest(const Sha384Digest& so_far) : value_(so_far) {}

  void AddPages(std::uint64_t gpa, View content);  // content: whole pages
  void AddZeroPages(std::uint64_t gpa, std::size_t size);
  void AddUnreadPage(PageType type, std::uint64_t gpa);  // secrets, CPUID: contents do not count
  void AddVmsa(View page);

  const Sha384Digest& value() const { return value_; }

 private:
  void Update(PageType type, std::uint64_t gpa, const Sha384Digest& contents);

  Sha384Digest value_{};
};

// SHA-256 of what QEMU hands to the guest with -kernel, -initrd and -append.
struct KernelHashes {
  Sha256Digest kernel{}, initrd{}, command_line{};
};
// An absent initrd counts as empty; the command line with its NUL.
KernelHashes HashKernel(View kernel, View initrd, std::string_view command_line);

struct SnpGuest {
  unsigned vcpus = 1;
  std::uint32_t cpu_signature = 0;   // CPUID 1 EAX of the model the guest is shown
  std::uint64_t guest_features = 1;  // SEV_FEATURES: bit 0, SNP
  std::optional<KernelHashes> kernel;
};

// `firmware`, an OVMF image, lies below 4 GiB. An error when a kernel is to be measured and this
// firmware has no place for its hashes: it would not check them.
Result<Sha384Digest> SnpLaunchDigest(View firmware, const SnpGuest& guest);
// The same from the digest after the firmware's pages, where the whole image is not at hand.
Result<Sha384Digest> SnpLaunchDigestAfter(const Sha384Digest& firmware,
                                          const OvmfMetadata& metadata, const SnpGuest& guest);

// CPUID 1 EAX (AMD 25481) of QEMU's names of EPYC models: "EPYC-v4", "EPYC-Milan".
Result<std::uint32_t> CpuSignature(std::string_view qemu_model);

}  // namespace assay::measure
