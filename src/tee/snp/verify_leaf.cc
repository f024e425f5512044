// Does the leaf certificate speak of the chip and the firmware that the report speaks of?
#include <fmt/format.h>

#include "base/encoding.h"
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

constexpr std::string_view kExtensionClause = "AMD 57230, certificate extensions";

void CheckTcb(const VcekExtensions& extensions, const Report& report, Trace& trace) {
  const TcbParts want = extensions.tcb;
  const TcbParts have = DecodeTcb(report.reported_tcb, extensions.product);
  const bool turin = extensions.product == Product::kTurin;
  const auto one = [&](std::string_view name, unsigned expected, unsigned found,
                       std::size_t offset) {
    trace.Expect(expected == found, name, fmt::format("{} (certificate)", expected),
                 fmt::format("{} (REPORTED_TCB)", found), kExtensionClause, {0x180 + offset, 1});
  };
  one("leaf.tcb.bootloader", want.bootloader, have.bootloader, turin ? 1 : 0);
  one("leaf.tcb.tee", want.tee, have.tee, turin ? 2 : 1);
  one("leaf.tcb.snp", want.snp, have.snp, turin ? 3 : 6);
  one("leaf.tcb.microcode", want.microcode, have.microcode, 7);
  if (turin) one("leaf.tcb.fmc", want.fmc.value_or(0), have.fmc.value_or(0), 0);
  trace.Expect(ReservedTcbBytesAreZero(report.reported_tcb, extensions.product),
               "report.tcb.reserved", "reserved bytes of REPORTED_TCB are zero",
               HexEncode(report.reported_tcb), "AMD 56860, TCB_VERSION", {0x180, 8});
}

void CheckChipId(const VcekExtensions& extensions, const Report& report, Trace& trace) {
  if (report.signing_key() == ReportKey::kVcek) {
    trace.Expect(HwidMatches(extensions, report), "leaf.hwid",
                 extensions.hwid ? HexEncode(*extensions.hwid) : "a HWID in the VCEK certificate",
                 HexEncode(report.chip_id), kExtensionClause, {0x1A0, 64});
    return;
  }
  trace.Expect(IsZero(report.chip_id), "report.chip_id", "zero: a VLEK does not name the chip",
               HexEncode(report.chip_id), "AMD 56860 Table 23", {0x1A0, 64});
  const bool named = extensions.csp_id && !extensions.csp_id->empty();
  trace.Expect(named, "leaf.csp_id", "the cloud provider's name",
               named ? *extensions.csp_id : "none", kExtensionClause);
}

void CheckProduct(const Leaf& leaf, const Report& report, Trace& trace) {
  const VcekExtensions& extensions = *leaf.extensions;
  const std::string product(ProductName(extensions.product));
  const bool vlek = report.signing_key() == ReportKey::kVlek;
  const std::string issuer = (vlek ? "SEV-VLEK-" : "SEV-") + product;
  const std::string& found = leaf.path.leaf->issuer_cn();
  trace.Expect(found == issuer, "leaf.product",
               fmt::format("issuer {} for product {}", issuer, extensions.product_name), found,
               "AMD 57230, certificate chain");
  if (!report.has_cpuid()) return;
  const auto cpuid = ProductFromCpuid(report.cpuid_family, report.cpuid_model);
  const std::string cpu =
      fmt::format("family {:#04x}, model {:#04x}", report.cpuid_family, report.cpuid_model);
  if (!cpuid) {
    // The product that counts is the one AMD certified; a model unknown here is no contradiction.
    trace.Add({.name = "report.product",
               .outcome = Outcome::kWarn,
               .expected = product,
               .found = cpu + ", which this build does not know",
               .where = {0x188, 3},
               .clause = "AMD 56860 Table 23"});
    return;
  }
  trace.Expect(*cpuid == extensions.product, "report.product", product,
               fmt::format("{} ({})", ProductName(*cpuid), cpu), "AMD 56860 Table 23", {0x188, 3});
}

}  // namespace

void CheckLeafAgainstReport(const Leaf& leaf, const Report& report, Trace& trace) {
  const bool readable = leaf.extensions != nullptr;
  trace.Expect(readable, "leaf.extensions", "AMD's extensions in the leaf certificate",
               readable ? "found" : leaf.extensions_error.message, kExtensionClause);
  if (!readable) return;
  CheckChipId(*leaf.extensions, report, trace);
  CheckTcb(*leaf.extensions, report, trace);
  CheckProduct(leaf, report, trace);
}

}  // namespace assay::snp
