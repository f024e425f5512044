#include "measure/snp_launch.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/limits.h"
#include "measure/vmsa.h"
#include "tee/tcg/uefi.h"

namespace assay::measure {
namespace {

using tcg::Guid;
using tcg::MakeGuid;

constexpr std::size_t kGuestPage = 4096;
constexpr std::uint64_t kFourGib = 1ULL << 32U;
// The RMP records a VMSA under the address of all ones, of which bits 51 to 12 remain.
constexpr std::uint64_t kVmsaGpa = 0xFFFFFFFFF000;

constexpr Guid kHashTable =
    MakeGuid(0x9438d606, 0x4f22, 0x4cc9, {0xb4, 0x79, 0xa7, 0x93, 0xd4, 0x11, 0xfd, 0x21});
constexpr Guid kCommandLineEntry =
    MakeGuid(0x97d02dd8, 0xbd20, 0x4c94, {0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a});
constexpr Guid kInitrdEntry =
    MakeGuid(0x44baf731, 0x3a2f, 0x4bd7, {0x9a, 0xf1, 0x41, 0xe2, 0x91, 0x69, 0x78, 0x1d});
constexpr Guid kKernelEntry =
    MakeGuid(0x4de79437, 0xabd2, 0x427f, {0xb8, 0x35, 0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b});

void AppendLe(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// QEMU's SevHashTable: header, then command line, initrd and kernel.
Bytes HashTable(const KernelHashes& hashes) {
  constexpr std::uint16_t kEntrySize = 16 + 2 + 32, kTableSize = 16 + 2 + 3 * kEntrySize;
  Bytes out = ToBytes(kHashTable);
  AppendLe(out, kTableSize, 2);
  const auto add = [&](const Guid& guid, const Sha256Digest& hash) {
    Append(out, guid);
    AppendLe(out, kEntrySize, 2);
    Append(out, hash);
  };
  add(kCommandLineEntry, hashes.command_line);
  add(kInitrdEntry, hashes.initrd);
  add(kKernelEntry, hashes.kernel);
  return out;
}

Result<void> AddKernelHashes(const SevSection& section, const OvmfMetadata& metadata,
                             const KernelHashes& hashes, LaunchDigest& digest) {
  const Bytes table = HashTable(hashes);
  const std::uint32_t at = metadata.hash_table_gpa.value_or(0);
  if (section.size != kGuestPage || at < section.gpa ||
      at - section.gpa > kGuestPage - table.size()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("OVMF: its table of kernel hashes at 0x{:x} is not in its section at "
                            "0x{:x}",
                            at, section.gpa));
  }
  Bytes page(kGuestPage);
  std::copy(table.begin(), table.end(), page.begin() + (at - section.gpa));
  digest.AddPages(section.gpa, page);
  return {};
}

Result<void> AddSection(const SevSection& section, const OvmfMetadata& metadata,
                        const SnpGuest& guest, LaunchDigest& digest) {
  switch (section.kind) {
    case SevSection::Kind::kSecrets:
      digest.AddUnreadPage(LaunchDigest::PageType::kSecrets, section.gpa);
      return {};
    case SevSection::Kind::kCpuid:
      digest.AddUnreadPage(LaunchDigest::PageType::kCpuid, section.gpa);
      return {};
    case SevSection::Kind::kKernelHashes:
      if (guest.kernel) return AddKernelHashes(section, metadata, *guest.kernel, digest);
      [[fallthrough]];
    case SevSection::Kind::kZeroed:
    case SevSection::Kind::kSvsmCaa: break;
  }
  digest.AddZeroPages(section.gpa, section.size);
  return {};
}

Result<void> CheckGuest(const OvmfMetadata& metadata, const SnpGuest& guest) {
  if (guest.vcpus == 0 || guest.vcpus > limits::kVirtualProcessors) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} virtual processors, expected 1 to {}",
                                                         guest.vcpus, limits::kVirtualProcessors));
  }
  if (guest.vcpus > 1 && !metadata.ap_reset_vector) {
    return Fail(ErrorCode::kUnsupported,
                "OVMF: it does not say where processors after the first start");
  }
  bool has_place = false;
  for (const SevSection& section : metadata.sections) {
    has_place = has_place || section.kind == SevSection::Kind::kKernelHashes;
  }
  if (guest.kernel && !has_place) {
    return Fail(ErrorCode::kUnsupported,
                "OVMF: it has no section for kernel hashes, so nothing would measure the kernel",
                "use an AmdSev build of OVMF, or leave out --kernel and measure its boot by PCRs");
  }
  return {};
}

}  // namespace

void LaunchDigest::Update(PageType type, std::uint64_t gpa, const Sha384Digest& contents) {
  // PAGE_INFO: DIGEST_CUR, CONTENTS, LENGTH, PAGE_TYPE, IMI_PAGE, VMPL permissions, GPA.
  constexpr std::uint16_t kLength = 0x70;
  Bytes info = ToBytes(value_);
  Append(info, contents);
  AppendLe(info, kLength, 2);
  AppendLe(info, static_cast<std::uint8_t>(type), 1);
  AppendLe(info, 0, 5);
  AppendLe(info, gpa, 8);
  value_ = Sha384(info);
}

void LaunchDigest::AddPages(std::uint64_t gpa, View content) {
  for (std::size_t at = 0; at < content.size(); at += kGuestPage) {
    Update(PageType::kNormal, gpa + at, Sha384(content.subspan(at, kGuestPage)));
  }
}

void LaunchDigest::AddZeroPages(std::uint64_t gpa, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kGuestPage) AddUnreadPage(PageType::kZero, gpa + at);
}

void LaunchDigest::AddUnreadPage(PageType type, std::uint64_t gpa) { Update(type, gpa, {}); }

void LaunchDigest::AddVmsa(View page) { Update(PageType::kVmsa, kVmsaGpa, Sha384(page)); }

KernelHashes HashKernel(View kernel, View initrd, std::string_view command_line) {
  return {Sha256(kernel), Sha256(initrd), Sha256(AsBytes(std::string(command_line) + '\0'))};
}

Result<Sha384Digest> SnpLaunchDigestAfter(const Sha384Digest& firmware,
                                          const OvmfMetadata& metadata, const SnpGuest& guest) {
  TRY_VOID(CheckGuest(metadata, guest));
  LaunchDigest digest(firmware);
  for (const SevSection& section : metadata.sections) {
    TRY_VOID(AddSection(section, metadata, guest, digest));
  }
  digest.AddVmsa(InitialVmsa(kResetVector, guest.cpu_signature, guest.guest_features));
  if (guest.vcpus > 1) {
    const Bytes other =
        InitialVmsa(*metadata.ap_reset_vector, guest.cpu_signature, guest.guest_features);
    for (unsigned i = 1; i < guest.vcpus; ++i) digest.AddVmsa(other);
  }
  return digest.value();
}

Result<Sha384Digest> SnpLaunchDigest(View firmware, const SnpGuest& guest) {
  if (firmware.empty() || firmware.size() % kGuestPage != 0 ||
      firmware.size() > limits::kLaunchBytes) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("OVMF: {} bytes are no whole number of pages", firmware.size()));
  }
  const OvmfMetadata metadata = TRY(ReadOvmfMetadata(firmware));
  LaunchDigest digest;
  digest.AddPages(kFourGib - firmware.size(), firmware);
  return SnpLaunchDigestAfter(digest.value(), metadata, guest);
}

Result<std::uint32_t> CpuSignature(std::string_view model) {
  struct Named {
    std::string_view name;
    std::uint32_t signature;
  };
  // Each name also stands for its versions, "-v1" and on: QEMU changes other leaves in those.
  constexpr std::array kModels = std::to_array<Named>({
      {"EPYC", 0x00800F12},
      {"EPYC-Rome", 0x00830F10},
      {"EPYC-Milan", 0x00A00F11},
      {"EPYC-Genoa", 0x00A10F10},
      {"EPYC-Turin", 0x00B00F00},
  });
  const std::size_t version = model.rfind("-v");
  const std::string_view name = model.substr(0, version);
  for (const Named& known : kModels) {
    if (known.name == name) return known.signature;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: expected EPYC, EPYC-Rome, EPYC-Milan, EPYC-Genoa or EPYC-Turin, "
                          "with or without a version",
                          model),
              "for another model give CPUID leaf 1 EAX as --cpu-signature");
}

}  // namespace assay::measure
