// What a report needs from AMD's key distribution service (AMD 57230).
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

constexpr std::uint8_t kZen5Family = 0x1A;

// A version 2 report does not name the product. Only Milan and Genoa had firmware that writes
// version 2; they share the layout of TCB_VERSION. A model that this build does not know belongs to
// its family.
std::vector<Product> Products(const Report& report) {
  if (!report.has_cpuid()) return {Product::kMilan, Product::kGenoa};
  if (const auto known = ProductFromCpuid(report.cpuid_family, report.cpuid_model)) return {*known};
  if (report.cpuid_family == kZen5Family) return {Product::kTurin};
  return {Product::kMilan, Product::kGenoa};
}

}  // namespace

CollateralNeeds NeedsOf(const Report& report) {
  const ReportKey key = report.signing_key();
  if (key != ReportKey::kVcek && key != ReportKey::kVlek) return {};
  AmdNeed need;
  const std::vector<Product> products = Products(report);
  for (const Product product : products) need.products.emplace_back(ProductName(product));
  const TcbParts tcb = DecodeTcb(report.reported_tcb, products.front());
  need.spls = {tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode, tcb.fmc};
  need.chip_id = ToBytes(report.chip_id);
  need.vlek = key == ReportKey::kVlek;
  return need;
}

}  // namespace assay::snp
