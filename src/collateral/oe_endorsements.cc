#include "collateral/oe_endorsements.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "base/reader.h"

namespace assay {
namespace {

constexpr std::uint32_t kSgxVersion = 1;
constexpr std::uint32_t kSgxEnclaveType = 2;
constexpr std::uint32_t kSgxElements = 9;
constexpr std::uint32_t kTdxVersion = 4;
constexpr std::uint32_t kTdxTeeType = 0x81;
constexpr std::size_t kTdxItems = 7;

Bytes WithoutTerminator(View item) {
  while (!item.empty() && item.back() == std::byte{0}) item = item.first(item.size() - 1);
  return ToBytes(item);
}

// Header {version, enclave type, buffer size, element count}, an offset for each element, and the
// elements. The first (a version number) and the last (a creation time) are no collateral.
Result<std::vector<Bytes>> ParseSgx(View blob) {
  Reader reader(blob, "OE endorsements");
  TRY(reader.Take(8, "version and enclave type"));
  const std::uint32_t size = TRY(reader.U32Le("buffer size"));
  const std::uint32_t count = TRY(reader.U32Le("element count"));
  if (count != kSgxElements) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("OE endorsements: expected {} elements, found {}", kSgxElements, count));
  }
  std::array<std::uint32_t, kSgxElements + 1> offsets{};
  for (std::size_t i = 0; i < kSgxElements; ++i) offsets[i] = TRY(reader.U32Le("element offset"));
  // The stated size counts the offsets as well; offsets count from their end.
  const View data = reader.rest();
  if (data.size() + sizeof(std::uint32_t) * kSgxElements != size) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("OE endorsements: header states {} bytes of offsets and elements, {} "
                            "bytes of elements found",
                            size, data.size()));
  }
  const auto data_size = static_cast<std::uint32_t>(data.size());
  offsets[kSgxElements] = data_size;
  std::vector<Bytes> items;
  for (std::size_t i = 0; i < kSgxElements; ++i) {
    if (offsets[i] > offsets[i + 1] || offsets[i + 1] > data_size) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("OE endorsements: element {} at offset {} lies outside {} bytes", i,
                              offsets[i], data_size));
    }
    if (i == 0 || i + 1 == kSgxElements) continue;
    items.push_back(WithoutTerminator(data.subspan(offsets[i], offsets[i + 1] - offsets[i])));
  }
  return items;
}

// A memory image of Intel's sgx_ql_qve_collateral_t with the strings behind it. The pointers are
// those of the process that wrote it and say nothing to us.
Result<std::vector<Bytes>> ParseTdx(View blob) {
  Reader reader(blob, "OE TDX endorsements");
  TRY(reader.Take(8, "version and TEE type"));
  std::array<std::uint32_t, kTdxItems> sizes{};
  for (std::uint32_t& size : sizes) {
    TRY(reader.U64Le("pointer"));
    size = TRY(reader.U32Le("item size"));
    TRY(reader.U32Le("padding"));
  }
  std::vector<Bytes> items;
  for (const std::uint32_t size : sizes) {
    items.push_back(WithoutTerminator(TRY(reader.Take(size, "item"))));
  }
  TRY_VOID(reader.ExpectEnd());
  return items;
}

struct Kind {
  std::uint32_t version = 0;
  std::uint32_t type = 0;
};

Result<Kind> ReadKind(View blob) {
  Reader reader(blob, "OE endorsements");
  Kind kind;
  kind.version = TRY(reader.U32Le("version"));
  kind.type = TRY(reader.U32Le("type"));
  return kind;
}

}  // namespace

bool LooksLikeOeEndorsements(View blob) {
  const auto kind = ReadKind(blob);
  if (!kind) return false;
  return (kind->version == kSgxVersion && kind->type == kSgxEnclaveType) ||
         (kind->version == kTdxVersion && kind->type == kTdxTeeType);
}

Result<std::vector<Bytes>> ParseOeEndorsements(View blob) {
  const Kind kind = TRY(ReadKind(blob));
  if (kind.version == kSgxVersion && kind.type == kSgxEnclaveType) return ParseSgx(blob);
  if (kind.version == kTdxVersion && kind.type == kTdxTeeType) return ParseTdx(blob);
  return Fail(ErrorCode::kUnsupported,
              fmt::format("OE endorsements: version {} of type {:#x} is not handled", kind.version,
                          kind.type));
}

}  // namespace assay
