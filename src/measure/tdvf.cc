#include "measure/tdvf.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/reader.h"
#include "crypto/running_digest.h"
#include "measure/ovmf_table.h"

namespace assay::measure {
namespace {

constexpr tcg::Guid kTdxMetadataOffset =
    tcg::MakeGuid(0xe47a6535, 0x984a, 0x4798, {0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2});

constexpr std::uint64_t kTdPage = 4096, kExtendChunk = 256;
constexpr std::uint32_t kMrExtend = 1U << 0U, kPageAug = 1U << 1U;
constexpr std::uint64_t kGpaEnd = 1ULL << 52U;  // no processor has wider physical addresses

tl::unexpected<Error> MalformedTdvf(std::string text) {
  return Fail(ErrorCode::kMalformed, "TDVF: " + std::move(text),
              "give the whole image, code and variables in one: OVMF.inteltdx.fd, OVMF.fd");
}

Result<View> Descriptor(View firmware) {
  for (const OvmfEntry& entry : TRY(ReadOvmfTable(firmware))) {
    if (entry.guid != kTdxMetadataOffset) continue;
    const std::uint32_t offset_from_end = TRY(NumberIn(entry));
    if (offset_from_end > firmware.size()) return MalformedTdvf("its metadata is outside of it");
    return firmware.last(offset_from_end);
  }
  return Fail(ErrorCode::kUnsupported, "OVMF: it has no TDX metadata: not built for TDX",
              "a build for TDX has it: OVMF.inteltdx.fd, and OVMF.fd of Debian 12 and later");
}

// As they stand in the descriptor.
struct RawSection {
  std::uint32_t data_offset = 0, data_size = 0;
  std::uint64_t address = 0, size = 0;
  std::uint32_t type = 0, attributes = 0;
};

Result<RawSection> ReadRaw(Reader& in) {
  RawSection out;
  out.data_offset = TRY(in.U32Le("DataOffset"));
  out.data_size = TRY(in.U32Le("RawDataSize"));
  out.address = TRY(in.U64Le("MemoryAddress"));
  out.size = TRY(in.U64Le("MemoryDataSize"));
  out.type = TRY(in.U32Le("Type"));
  out.attributes = TRY(in.U32Le("Attributes"));
  return out;
}

Result<void> CheckMemory(const RawSection& raw) {
  if (raw.address % kTdPage != 0 || raw.size % kTdPage != 0 || raw.size == 0 ||
      raw.address >= kGpaEnd || raw.size > limits::kLaunchBytes) {
    return MalformedTdvf(
        fmt::format("a section of 0x{:x} bytes of memory at 0x{:x}: expected whole pages, at most "
                    "{} bytes",
                    raw.size, raw.address, limits::kLaunchBytes));
  }
  return {};
}

// QEMU knows these types, and adds each of them with TDH.MEM.PAGE.ADD.
Result<void> CheckSupported(const RawSection& raw) {
  if (raw.type > static_cast<std::uint32_t>(TdvfSection::Kind::kTempMemory)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("TDVF: a section of type {}: expected BFV 0, CFV 1, TD HOB 2 or "
                            "temporary memory 3, which are all that QEMU takes",
                            raw.type),
                "images for other hypervisors, such as td-shim, are not covered");
  }
  if ((raw.attributes & ~kMrExtend) != 0) {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("TDVF: a section with attributes 0x{:x}: {}", raw.attributes,
                    (raw.attributes & kPageAug) != 0 ? "QEMU does not add pages late (PAGE.AUG)"
                                                     : "expected 0 or 1 (MR.EXTEND)"));
  }
  return {};
}

Result<TdvfSection> CheckedSection(const RawSection& raw, View firmware) {
  TRY_VOID(CheckMemory(raw));
  TRY_VOID(CheckSupported(raw));
  TdvfSection out{static_cast<TdvfSection::Kind>(raw.type), raw.address, raw.size, {}, false};
  out.measured = (raw.attributes & kMrExtend) != 0;
  if (out.kind == TdvfSection::Kind::kTdHob || out.kind == TdvfSection::Kind::kTempMemory) {
    if (raw.data_size != 0) return MalformedTdvf("temporary memory or a TD HOB with content");
    if (out.measured) {
      return Fail(ErrorCode::kUnsupported,
                  "TDVF: MRTD would cover memory whose content the hypervisor chooses");
    }
    return out;
  }
  // Behind less content QEMU would put what follows in the image; the design guide says zeros.
  if (raw.data_size != raw.size) {
    return MalformedTdvf(
        fmt::format("a section of {} bytes of content for {} of memory", raw.data_size, raw.size));
  }
  if (raw.data_offset > firmware.size() || raw.data_size > firmware.size() - raw.data_offset) {
    return MalformedTdvf(
        fmt::format("a section of {} bytes at offset {}, but the image has {}: code without its "
                    "variables?",
                    raw.data_size, raw.data_offset, firmware.size()));
  }
  out.content = firmware.subspan(raw.data_offset, raw.data_size);
  return out;
}

Result<void> CheckWhole(const std::vector<TdvfSection>& sections) {
  const auto any = [&](auto&& holds) {
    return std::any_of(sections.begin(), sections.end(), holds);
  };
  if (!any([](const TdvfSection& s) { return s.kind == TdvfSection::Kind::kTdHob; })) {
    return MalformedTdvf("it has no place for the TD HOB, without which QEMU starts no guest");
  }
  if (!any([](const TdvfSection& s) {
        return s.kind == TdvfSection::Kind::kBootFirmware && s.measured;
      })) {
    return MalformedTdvf("MRTD would not cover its code: no BFV section has MR.EXTEND");
  }
  std::uint64_t total = 0;
  for (const TdvfSection& section : sections) total += section.size;
  if (total > limits::kLaunchBytes) {
    return MalformedTdvf(fmt::format("sections of {} bytes together, expected at most {}", total,
                                     limits::kLaunchBytes));
  }
  return {};
}

// Both operations hash 128 bytes: the operation's name, from byte 16 the address, else zeros.
void AddOperation(RunningSha384& digest, std::string_view name, std::uint64_t gpa) {
  ByteArray<128> block{};
  std::copy_n(AsBytes(name).begin(), name.size(), block.begin());
  for (std::size_t i = 0; i < 8; ++i) block[16 + i] = static_cast<std::byte>(gpa >> (8 * i));
  digest.Add(block);
}

}  // namespace

Result<std::vector<TdvfSection>> ReadTdvfMetadata(View firmware) {
  const View descriptor = TRY(Descriptor(firmware));
  Reader in(descriptor, "TDVF descriptor", firmware.size() - descriptor.size());
  if (AsText(TRY(in.Take(4, "signature"))) != "TDVF") return MalformedTdvf("expected \"TDVF\"");
  const std::uint32_t length = TRY(in.U32Le("length"));
  const std::uint32_t version = TRY(in.U32Le("version"));
  const std::uint32_t count = TRY(in.U32Le("number of sections"));
  if (version != 1) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("TDVF: expected a descriptor of version 1, found {}", version));
  }
  if (count > limits::kFirmwareSections || length != 16 + 32 * count) {
    return MalformedTdvf(
        fmt::format("a descriptor of {} bytes with {} sections: expected 16 and "
                    "32 for each of at most {}",
                    length, count, limits::kFirmwareSections));
  }
  std::vector<TdvfSection> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const RawSection raw = TRY(ReadRaw(in));
    out.push_back(TRY(CheckedSection(raw, firmware)));
  }
  TRY_VOID(CheckWhole(out));
  return out;
}

Sha384Digest MrTd(const std::vector<TdvfSection>& sections) {
  RunningSha384 digest;
  for (const TdvfSection& section : sections) {
    for (std::uint64_t page = 0; page < section.size; page += kTdPage) {
      AddOperation(digest, "MEM.PAGE.ADD", section.gpa + page);
      if (!section.measured) continue;
      for (std::uint64_t at = page; at < page + kTdPage; at += kExtendChunk) {
        AddOperation(digest, "MR.EXTEND", section.gpa + at);
        digest.Add(section.content.subspan(at, kExtendChunk));
      }
    }
  }
  return std::move(digest).Value();
}

}  // namespace assay::measure
