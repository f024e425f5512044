#include "measure/uefi_variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::measure {
namespace {

using tcg::Guid;
using tcg::MakeGuid;

constexpr Guid kSystemNvDataFv =
    MakeGuid(0xfff12b8d, 0x7696, 0x4c8b, {0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50});
constexpr Guid kAuthenticatedVariable =
    MakeGuid(0xaaf32c78, 0x947b, 0x439a, {0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92});
constexpr Guid kSecureBootEnableDisable =
    MakeGuid(0xf0a30bc7, 0xaf08, 0x4556, {0x99, 0xc4, 0x00, 0x10, 0x09, 0xc9, 0x3a, 0x44});

constexpr std::uint16_t kStartOfVariable = 0x55AA, kErased = 0xFFFF;
constexpr std::uint8_t kFormatted = 0x5A, kHealthy = 0xFE;
// The bits of a variable's state fall from 1 to 0 as it is written, replaced and deleted: added,
// and added while its successor is being written.
constexpr std::uint8_t kAdded = 0x3F, kInDeletedTransition = 0x3E;

tl::unexpected<Error> MalformedStore(std::string text) {
  return Fail(ErrorCode::kMalformed, "variable store: " + std::move(text),
              "expected OVMF_VARS.fd as QEMU keeps it, not qcow2 and not compressed");
}

// EFI_FIRMWARE_VOLUME_HEADER; what is inside the volume.
Result<View> OpenVolume(View file) {
  Reader in(file, "variable store");
  TRY(in.Take(16, "ZeroVector"));
  if (TRY(in.Array<16>("FileSystemGuid")) != kSystemNvDataFv) {
    return MalformedStore("no volume of type EFI_SYSTEM_NV_DATA_FV at its start");
  }
  const std::uint64_t length = TRY(in.U64Le("FvLength"));
  if (AsText(TRY(in.Take(4, "Signature"))) != "_FVH")
    return MalformedStore("expected \"_FVH\" at 40");
  TRY(in.U32Le("Attributes"));
  const std::uint16_t header = TRY(in.U16Le("HeaderLength"));
  if (length > file.size() || header > length) {
    return MalformedStore(fmt::format("a volume of {} bytes with a header of {}, the file has {}",
                                      length, header, file.size()));
  }
  Reader words(file.first(header), "firmware volume header");
  std::uint16_t sum = 0;
  while (words.remaining() > 0) {
    sum = static_cast<std::uint16_t>(sum + TRY(words.U16Le("header")));
  }
  if (sum != 0) return MalformedStore("the checksum of its volume header is wrong");
  return file.subspan(header, static_cast<std::size_t>(length) - header);
}

// VARIABLE_STORE_HEADER; the variables.
Result<View> OpenStore(View volume) {
  constexpr std::size_t kVariableHeader = 28;
  Reader in(volume, "variable store");
  if (TRY(in.Array<16>("Signature")) != kAuthenticatedVariable) {
    return MalformedStore("it is not of the authenticated kind, which Secure Boot needs");
  }
  const std::uint32_t size = TRY(in.U32Le("Size"));
  const std::uint8_t format = TRY(in.U8("Format"));
  const std::uint8_t state = TRY(in.U8("State"));
  if (format != kFormatted || state != kHealthy) {
    return MalformedStore(
        fmt::format("format 0x{:02x} and state 0x{:02x}, expected 0x{:02x} and "
                    "0x{:02x}",
                    format, state, kFormatted, kHealthy));
  }
  if (size < kVariableHeader || size > volume.size()) {
    return MalformedStore(fmt::format("{} bytes in a volume of {}", size, volume.size()));
  }
  return volume.subspan(kVariableHeader, size - kVariableHeader);
}

struct StoredVariable {
  std::uint8_t state = 0;
  UefiVariable variable;
};

// AUTHENTICATED_VARIABLE_HEADER, name and data, padded to four bytes.
Result<StoredVariable> ReadVariable(Reader& in) {
  StoredVariable out;
  out.state = TRY(in.U8("State"));
  TRY(in.U8("Reserved"));
  TRY(in.U32Le("Attributes"));
  TRY(in.U64Le("MonotonicCount"));
  TRY(in.Take(16, "TimeStamp"));
  TRY(in.U32Le("PubKeyIndex"));
  const std::uint32_t name_size = TRY(in.U32Le("NameSize"));
  const std::uint32_t data_size = TRY(in.U32Le("DataSize"));
  out.variable.vendor = TRY(in.Array<16>("VendorGuid"));
  // The header of a variable that was never finished may be erased, sizes included.
  const View name = TRY(in.Take(name_size, "name"));
  const View data = TRY(in.Take(data_size, "data"));
  if (name.size() >= 2) out.variable.name = TRY(tcg::NameOfUtf16(name.first(name.size() - 2)));
  out.variable.data = ToBytes(data);
  const std::size_t padding = (4 - (std::size_t{name_size} + data_size) % 4) % 4;
  TRY(in.Take(std::min(padding, in.remaining()), "padding"));
  return out;
}

}  // namespace

Result<UefiVariables> UefiVariables::FromStore(View file) {
  Reader in(TRY(OpenStore(TRY(OpenVolume(file)))), "variable store");
  UefiVariables out;
  std::vector<UefiVariable> in_transition;
  for (std::size_t count = 0; in.remaining() >= 2; ++count) {
    const std::uint16_t start = TRY(in.U16Le("StartId"));
    if (start == kErased) break;
    if (start != kStartOfVariable) {
      return MalformedStore(
          fmt::format("expected a variable at offset {}, found 0x{:04x}", in.offset() - 2, start));
    }
    if (count == limits::kUefiVariables) return MalformedStore("too many variables");
    StoredVariable stored = TRY(ReadVariable(in));
    if (stored.state == kAdded) TRY_VOID(out.Add(std::move(stored.variable)));
    if (stored.state == kInDeletedTransition) in_transition.push_back(std::move(stored.variable));
  }
  // One whose successor was never finished is still in force.
  for (UefiVariable& variable : in_transition) {
    if (out.Find(variable.vendor, variable.name) == nullptr) {
      TRY_VOID(out.Add(std::move(variable)));
    }
  }
  return out;
}

Result<void> UefiVariables::AddEfivarsFile(std::string_view file_name, View content) {
  constexpr std::size_t kGuidText = 36;
  if (file_name.size() < kGuidText + 2 || file_name[file_name.size() - kGuidText - 1] != '-') {
    return Fail(ErrorCode::kMalformed, fmt::format("efivarfs: {} is not NAME-GUID", file_name));
  }
  if (all_.size() == limits::kUefiVariables) return MalformedStore("too many variables");
  Reader in(content, "efivarfs file");
  TRY(in.U32Le("attributes"));
  const std::string_view guid = file_name.substr(file_name.size() - kGuidText);
  for (const Guid& known :
       {tcg::kEfiGlobalVariable, tcg::kEfiImageSecurityDatabase, tcg::kShimLock}) {
    if (tcg::GuidText(known) != guid) continue;
    return Add({known, std::string(file_name.substr(0, file_name.size() - kGuidText - 1)),
                ToBytes(in.rest())});
  }
  return {};  // of vendors whose variables no PCR depends on
}

Result<void> UefiVariables::Add(UefiVariable variable) {
  if (Find(variable.vendor, variable.name) != nullptr) {
    return MalformedStore(fmt::format("{} is there twice", variable.name));
  }
  all_.push_back(std::move(variable));
  return {};
}

const UefiVariable* UefiVariables::Find(const Guid& vendor, std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const UefiVariable& variable) {
    return variable.vendor == vendor && variable.name == name;
  });
  return found == all_.end() ? nullptr : &*found;
}

View UefiVariables::DataOf(const Guid& vendor, std::string_view name) const {
  const UefiVariable* const variable = Find(vendor, name);
  return variable == nullptr ? View{} : View(variable->data);
}

bool SecureBootEnabled(const UefiVariables& variables) {
  if (const auto* const state = variables.Find(tcg::kEfiGlobalVariable, "SecureBoot")) {
    return Equal(state->data, ByteArray<1>{std::byte{1}});
  }
  if (variables.DataOf(tcg::kEfiGlobalVariable, "PK").empty()) return false;
  const View enable = variables.DataOf(kSecureBootEnableDisable, "SecureBootEnable");
  return enable.empty() || enable[0] != std::byte{0};
}

}  // namespace assay::measure
