// UEFI structures inside events: variables and signature databases.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay::tcg {

using Guid = ByteArray<16>;  // as in memory: the first three fields little-endian

// d719b2cb-3d3a-… written as in memory.
constexpr Guid MakeGuid(std::uint32_t a, std::uint16_t b, std::uint16_t c,
                        const std::array<std::uint8_t, 8>& d) {
  Guid out{};
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(a >> (8 * i));
  for (std::size_t i = 0; i < 2; ++i) out[4 + i] = static_cast<std::byte>(b >> (8 * i));
  for (std::size_t i = 0; i < 2; ++i) out[6 + i] = static_cast<std::byte>(c >> (8 * i));
  for (std::size_t i = 0; i < 8; ++i) out[8 + i] = static_cast<std::byte>(d[i]);
  return out;
}

// "8be4df61-93ca-11d2-aa0d-00e098032b8c"
std::string GuidText(const Guid& guid);

// The name of a variable, from UTF-16; what is not ASCII becomes '?': such names mean nothing to
// us.
Result<std::string> NameOfUtf16(View text);

// UEFI_VARIABLE_DATA (PFP 1.06 §10.2.6).
struct Variable {
  Guid vendor{};
  std::string name;
  View data;
};

// The structure must fill `data`, but for the few bytes that old versions of shim logged behind it:
// the size of their C structure, which counts two arrays of one element and padding.
Result<Variable> ParseVariable(View data);

// The global and the image-security vendor (UEFI 2.10 §3.3, §32.6).
extern const Guid kEfiGlobalVariable;
extern const Guid kEfiImageSecurityDatabase;
extern const Guid kShimLock;

// EFI_SIGNATURE_LIST (UEFI 2.10 §32.4.1), each entry by itself.
struct SignatureEntry {
  enum class Kind { kX509, kSha256, kOther } kind = Kind::kOther;
  Guid type{};
  Guid owner{};
  View data;  // a DER certificate, a digest
};
Result<std::vector<SignatureEntry>> ParseSignatureDatabase(View data);

}  // namespace assay::tcg
