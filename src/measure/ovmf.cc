#include "measure/ovmf.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"
#include "measure/ovmf_table.h"

namespace assay::measure {
namespace {

using tcg::Guid;
using tcg::MakeGuid;

constexpr Guid kSevHashTable =
    MakeGuid(0x7255371f, 0x3a3b, 0x4b04, {0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54});
constexpr Guid kSevEsResetBlock =
    MakeGuid(0x00f771de, 0x1a7e, 0x4fcb, {0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e});
constexpr Guid kSevMetadata =
    MakeGuid(0xdc886566, 0x984a, 0x4798, {0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc});

constexpr std::uint32_t kPage = 4096;

tl::unexpected<Error> MalformedFirmware(std::string text) {
  return Fail(ErrorCode::kMalformed, "OVMF: " + std::move(text),
              "give the image that the hypervisor loads below 4 GiB: OVMF.amdsev.fd, or OVMF_CODE "
              "of a build for SEV-SNP");
}

Result<std::vector<SevSection>> ReadSections(View firmware, std::uint32_t offset_from_end) {
  if (offset_from_end > firmware.size())
    return MalformedFirmware("its SEV metadata is outside of it");
  Reader in(firmware.last(offset_from_end), "OVMF SEV metadata", firmware.size() - offset_from_end);
  if (AsText(TRY(in.Take(4, "signature"))) != "ASEV") return MalformedFirmware("expected \"ASEV\"");
  TRY(in.U32Le("length"));
  TRY(in.U32Le("version"));
  const std::uint32_t count = TRY(in.U32Le("number of sections"));
  if (count > limits::kFirmwareSections) return MalformedFirmware("too many SEV sections");
  std::vector<SevSection> out;
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    SevSection section;
    section.gpa = TRY(in.U32Le("section address"));
    section.size = TRY(in.U32Le("section size"));
    const std::uint32_t kind = TRY(in.U32Le("section type"));
    if ((kind < 1 || kind > 4) && kind != 0x10) {
      return Fail(ErrorCode::kUnsupported, fmt::format("OVMF: SEV section of type {}", kind));
    }
    section.kind = static_cast<SevSection::Kind>(kind);
    total += section.size;
    if (section.gpa % kPage != 0 || section.size % kPage != 0 || total > limits::kLaunchBytes) {
      return MalformedFirmware(
          fmt::format("a SEV section of 0x{:x} bytes at 0x{:x}", section.size, section.gpa));
    }
    out.push_back(section);
  }
  return out;
}

}  // namespace

Result<OvmfMetadata> ReadOvmfMetadata(View firmware) {
  OvmfMetadata out;
  for (const OvmfEntry& entry : TRY(ReadOvmfTable(firmware))) {
    if (entry.guid == kSevHashTable) out.hash_table_gpa = TRY(NumberIn(entry));
    if (entry.guid == kSevEsResetBlock) out.ap_reset_vector = TRY(NumberIn(entry));
    if (entry.guid == kSevMetadata) {
      if (!out.sections.empty()) return MalformedFirmware("it has SEV metadata twice");
      out.sections = TRY(ReadSections(firmware, TRY(NumberIn(entry))));
    }
  }
  if (out.sections.empty()) {
    return Fail(ErrorCode::kUnsupported, "OVMF: it has no SEV metadata: not built for SEV-SNP",
                "a 4 MiB OVMF_CODE_4M.fd of Debian 12 is not; OVMF_CODE.fd and AmdSev builds are");
  }
  return out;
}

}  // namespace assay::measure
