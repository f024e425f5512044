#include "tee/snp/tcb.h"

namespace assay::snp {

std::string_view ProductName(Product product) {
  switch (product) {
    case Product::kMilan: return "Milan";
    case Product::kGenoa: return "Genoa";
    case Product::kTurin: return "Turin";
  }
  return "unknown";
}

std::optional<Product> ProductFromName(std::string_view name) {
  const std::string_view line = name.substr(0, name.find('-'));
  for (const Product product : {Product::kMilan, Product::kGenoa, Product::kTurin}) {
    if (line == ProductName(product)) return product;
  }
  return std::nullopt;
}

std::optional<Product> ProductFromCpuid(std::uint8_t family, std::uint8_t model) {
  if (family == 0x19 && model == 0x01) return Product::kMilan;
  if (family == 0x19 && (model == 0x11 || model == 0xA0)) return Product::kGenoa;
  if (family == 0x1A && model == 0x02) return Product::kTurin;
  return std::nullopt;
}

TcbParts DecodeTcb(const TcbVersion& tcb, Product product) {
  if (product == Product::kTurin) {
    return {.fmc = ToU8(tcb[0]),
            .bootloader = ToU8(tcb[1]),
            .tee = ToU8(tcb[2]),
            .snp = ToU8(tcb[3]),
            .microcode = ToU8(tcb[7])};
  }
  return {.fmc = std::nullopt,
          .bootloader = ToU8(tcb[0]),
          .tee = ToU8(tcb[1]),
          .snp = ToU8(tcb[6]),
          .microcode = ToU8(tcb[7])};
}

bool ReservedTcbBytesAreZero(const TcbVersion& tcb, Product product) {
  const View bytes(tcb);
  return IsZero(product == Product::kTurin ? bytes.subspan(4, 3) : bytes.subspan(2, 4));
}

bool AtMost(const TcbVersion& a, const TcbVersion& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](std::byte x, std::byte y) { return ToU8(x) <= ToU8(y); });
}

}  // namespace assay::snp
