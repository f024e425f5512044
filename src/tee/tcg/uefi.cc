#include "tee/tcg/uefi.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"

namespace assay::tcg {
namespace {

constexpr Guid kCertX509 =
    MakeGuid(0xa5c059a1, 0x94e4, 0x4aa7, {0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72});
constexpr Guid kCertSha256 =
    MakeGuid(0xc1c41626, 0x504c, 0x4092, {0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28});

constexpr std::size_t kSlackOfShim = 6;

SignatureEntry::Kind KindOf(const Guid& type) {
  if (type == kCertX509) return SignatureEntry::Kind::kX509;
  return type == kCertSha256 ? SignatureEntry::Kind::kSha256 : SignatureEntry::Kind::kOther;
}

Result<void> ParseList(Reader& in, std::vector<SignatureEntry>& out) {
  const Guid type = TRY(in.Array<16>("signature type"));
  const std::uint32_t list_size = TRY(in.U32Le("list size"));
  const std::uint32_t header_size = TRY(in.U32Le("header size"));
  const std::uint32_t size = TRY(in.U32Le("signature size"));
  constexpr std::uint32_t kFixed = 28;
  if (list_size < kFixed || size < 16 || header_size > list_size - kFixed ||
      (list_size - kFixed - header_size) % size != 0) {
    return Fail(ErrorCode::kMalformed, fmt::format("signature list: sizes {}, {} and {} do not fit",
                                                   list_size, header_size, size));
  }
  Reader body(TRY(in.Take(list_size - kFixed, "signature list")), "signature list");
  TRY(body.Take(header_size, "header"));
  while (body.remaining() > 0) {
    if (out.size() == limits::kSignatureEntries) {
      return Fail(ErrorCode::kMalformed, "signature list: too many entries");
    }
    SignatureEntry entry;
    entry.type = type;
    entry.kind = KindOf(type);
    entry.owner = TRY(body.Array<16>("owner"));
    entry.data = TRY(body.Take(size - 16, "signature data"));
    out.push_back(entry);
  }
  return {};
}

}  // namespace

const Guid kEfiGlobalVariable =
    MakeGuid(0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c});
const Guid kEfiImageSecurityDatabase =
    MakeGuid(0xd719b2cb, 0x3d3a, 0x4596, {0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f});
const Guid kShimLock =
    MakeGuid(0x605dab50, 0xe046, 0x4300, {0xab, 0xb6, 0x3d, 0xd8, 0x10, 0xdd, 0x8b, 0x23});

std::string GuidText(const Guid& guid) {
  const auto at = [&guid](std::size_t i) { return ToU8(guid[i]); };
  std::string out = fmt::format("{:02x}{:02x}{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-", at(3), at(2),
                                at(1), at(0), at(5), at(4), at(7), at(6));
  for (std::size_t i = 8; i < 16; ++i) {
    out += fmt::format("{}{:02x}", i == 10 ? "-" : "", at(i));
  }
  return out;
}

Result<std::string> NameOfUtf16(View text) {
  Reader in(text, "variable name");
  std::string out;
  while (in.remaining() > 0) {
    const std::uint16_t unit = TRY(in.U16Le("character"));
    out.push_back(unit >= 0x20 && unit < 0x7F ? static_cast<char>(unit) : '?');
  }
  return out;
}

Result<Variable> ParseVariable(View data) {
  Reader in(data, "UEFI variable");
  Variable out;
  out.vendor = TRY(in.Array<16>("vendor"));
  const std::uint64_t name_units = TRY(in.U64Le("name length"));
  const std::uint64_t size = TRY(in.U64Le("data length"));
  if (name_units > in.remaining() / 2) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("UEFI variable: a name of {} characters in {} bytes", name_units,
                            in.remaining()));
  }
  out.name = TRY(NameOfUtf16(TRY(in.Take(static_cast<std::size_t>(name_units) * 2, "name"))));
  if (size > in.remaining()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("UEFI variable: {} bytes of data, {} left", size, in.remaining()));
  }
  out.data = TRY(in.Take(static_cast<std::size_t>(size), "data"));
  if (in.remaining() > kSlackOfShim) TRY_VOID(in.ExpectEnd());
  return out;
}

Result<std::vector<SignatureEntry>> ParseSignatureDatabase(View data) {
  Reader in(data, "signature database");
  std::vector<SignatureEntry> out;
  while (in.remaining() > 0) TRY_VOID(ParseList(in, out));
  return out;
}

}  // namespace assay::tcg
