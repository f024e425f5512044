// AMD product lines and the layout of TCB_VERSION, which depends on them.
//
// Clauses: AMD 56860 "SEV-SNP Firmware ABI", TCB_VERSION; AMD 57230 "VCEK/VLEK Certificate and KDS
// Interface", product names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace assay::snp {

// What AMD certifies under. Bergamo and Siena (family 19h, model A0h) are certified as Genoa.
enum class Product { kMilan, kGenoa, kTurin };

std::string_view ProductName(Product product);
// "Milan", "Milan-B0" (a stepping may follow the name).
std::optional<Product> ProductFromName(std::string_view name);
// Nothing for a family and model that no sample shows.
std::optional<Product> ProductFromCpuid(std::uint8_t family, std::uint8_t model);

// As it stands in the report. Each byte is a security version number or reserved, so two versions
// of one product compare byte by byte without knowing the layout.
using TcbVersion = ByteArray<8>;

struct TcbParts {
  std::optional<std::uint8_t> fmc;  // Turin only
  std::uint8_t bootloader = 0;
  std::uint8_t tee = 0;
  std::uint8_t snp = 0;
  std::uint8_t microcode = 0;

  bool operator==(const TcbParts&) const = default;
};

TcbParts DecodeTcb(const TcbVersion& tcb, Product product);
bool ReservedTcbBytesAreZero(const TcbVersion& tcb, Product product);
// Every component of `a` is at most that of `b`.
bool AtMost(const TcbVersion& a, const TcbVersion& b);

}  // namespace assay::snp
