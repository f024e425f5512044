// What a report says, as names and values and in words.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

std::string Hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

std::string Text(const FirmwareVersion& version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.build);
}

void AddTcb(json::Object& out, const Report& report, std::optional<Product> product) {
  if (product) {
    const TcbParts tcb = DecodeTcb(report.reported_tcb, *product);
    out.emplace_back("product", ProductName(*product));
    out.emplace_back("bootloader_svn", int{tcb.bootloader});
    out.emplace_back("tee_svn", int{tcb.tee});
    out.emplace_back("snpfw_svn", int{tcb.snp});
    out.emplace_back("microcode_svn", int{tcb.microcode});
    if (tcb.fmc) out.emplace_back("fmc_svn", int{*tcb.fmc});
  }
  out.emplace_back("reported_tcb", HexEncode(report.reported_tcb));
  out.emplace_back("committed_tcb", HexEncode(report.committed_tcb));
  out.emplace_back("current_tcb", HexEncode(report.current_tcb));
  out.emplace_back("launch_tcb", HexEncode(report.launch_tcb));
}

json::Object Fields(const Report& report, std::optional<Product> product) {
  json::Object out = {
      {"report_version", report.version},
      {"guest_svn", report.guest_svn},
      {"policy", Hex(report.policy)},
      {"is_debuggable", report.debug()},
      {"smt_allowed", report.smt_allowed()},
      {"migration_allowed", report.migration_allowed()},
      {"single_socket", report.single_socket()},
      {"vmpl", report.vmpl},
      {"measurement", HexEncode(report.measurement)},
      {"host_data", HexEncode(report.host_data)},
      {"report_data", HexEncode(report.report_data)},
      {"report_id", HexEncode(report.report_id)},
      {"report_id_ma", HexEncode(report.report_id_ma)},
      {"id_key_digest", HexEncode(report.id_key_digest)},
      {"author_key_digest", HexEncode(report.author_key_digest)},
      {"family_id", HexEncode(report.family_id)},
      {"image_id", HexEncode(report.image_id)},
      {"chip_id", HexEncode(report.chip_id)},
      {"signing_key", ReportKeyName(report.signing_key())},
      {"platform_info", Hex(report.platform_info)},
  };
  AddTcb(out, report, product);
  if (report.has_mit_vectors()) {
    out.emplace_back("current_mit_vector", Hex(report.current_mit_vector));
    out.emplace_back("launch_mit_vector", Hex(report.launch_mit_vector));
  }
  return out;
}

std::optional<Product> CpuidProduct(const Report& report) {
  if (!report.has_cpuid()) return std::nullopt;
  return ProductFromCpuid(report.cpuid_family, report.cpuid_model);
}

const Check* Find(const Trace& trace, std::string_view name) {
  const auto& checks = trace.checks();
  const auto it =
      std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.name == name; });
  return it == checks.end() ? nullptr : &*it;
}

void Limits(const Report& report, const Trace& trace, std::vector<std::string>& out) {
  const Check* crl = Find(trace, "root_crl.present");
  if (crl != nullptr && crl->outcome == Outcome::kWaived) {
    out.emplace_back("CRL not supplied: that AMD has not revoked the certificates.");
  }
  if (report.debug()) {
    out.emplace_back("Confidentiality: debug is allowed, the host can read the guest's memory.");
  }
  if (report.migration_allowed()) {
    out.emplace_back("That the guest stays on this chip: a migration agent may move it.");
  }
  if (report.vmpl != 0) {
    out.emplace_back(
        fmt::format("That the most privileged code in the guest asked for this report: "
                    "it was asked for at VMPL {}, not 0.",
                    report.vmpl));
  }
  if (report.signing_key() == ReportKey::kVlek) {
    out.emplace_back("Which chip it is: a VLEK names the cloud provider, not the chip.");
  }
  if (Find(trace, "report.report_data") == nullptr) {
    out.emplace_back("That the report is fresh or meant for you: no report data was expected.");
  }
  out.emplace_back("That the measured code is good: compare the measurement with one you trust.");
  out.emplace_back(
      "What the guest loaded after launch: the measurement covers its initial memory.");
}

}  // namespace

Claims MakeClaims(const Report& report, const VerifyInput& input) {
  const Leaf leaf = FindLeaf(report, input);
  auto product = CpuidProduct(report);
  if (!product && leaf.extensions) product = leaf.extensions->product;
  Claims out = Fields(report, product);
  if (report.signing_key() == ReportKey::kVlek && leaf.extensions && leaf.extensions->csp_id) {
    out.emplace_back("csp_id", *leaf.extensions->csp_id);
  }
  return out;
}

json::Value Describe(const Report& report) {
  json::Object out = Fields(report, CpuidProduct(report));
  out.emplace_back("signature_algorithm", report.signature_algorithm);
  out.emplace_back("author_key_enabled", report.author_key_enabled());
  out.emplace_back("chip_key_masked", report.chip_key_masked());
  if (report.has_cpuid()) {
    out.emplace_back("cpuid_family", int{report.cpuid_family});
    out.emplace_back("cpuid_model", int{report.cpuid_model});
    out.emplace_back("cpuid_stepping", int{report.cpuid_stepping});
  }
  out.emplace_back("current_firmware", Text(report.current_firmware));
  out.emplace_back("committed_firmware", Text(report.committed_firmware));
  out.emplace_back("signature", json::Object{{"r_little_endian", HexEncode(report.signature_r)},
                                             {"s_little_endian", HexEncode(report.signature_s)}});
  return out;
}

Meaning Explain(const Report& report, const Trace& trace) {
  Meaning out;
  if (!trace.failed()) {
    out.proves.emplace_back(
        "An AMD processor with SEV-SNP signed this report with a key that AMD certified.");
    out.proves.emplace_back(
        fmt::format("A guest was launched with measurement {}.", HexEncode(report.measurement)));
    out.proves.emplace_back(
        "The firmware is at the security versions stated, and the key is bound to them.");
    if (Find(trace, "report.report_data") != nullptr) {
      out.proves.emplace_back("Code in the guest asked for this report with your report data.");
    }
  } else {
    out.does_not_prove.emplace_back(
        "Anything: a check failed, so no field of it can be relied on.");
  }
  Limits(report, trace, out.does_not_prove);
  return out;
}

}  // namespace assay::snp
