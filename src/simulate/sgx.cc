#include "crypto/certificate_builder.h"
#include "simulate/intel.h"

namespace assay::simulate {
namespace {

constexpr const char* kOeExtension = "1.2.840.113556.10.1.1";

Bytes EnclaveReport(const Order& order, View report_data) {
  Bytes out(384);
  Put(out, 0, Bytes(16, std::byte{kComponentSvn}));
  // INIT and MODE64BIT, with DEBUG or without INIT as the fault may be.
  PutLe(out, 48, order.fault == "sgx.debug" ? 0x07 : (order.fault == "sgx.init" ? 0x04 : 0x05), 8);
  PutLe(out, 56, 0xE7, 8);
  Put(out, 64, Filler("Assay simulation enclave", 32));
  Put(out, 128, Filler("Assay simulation enclave signer", 32));
  PutLe(out, 256, 1, 2);
  PutLe(out, 258, 1, 2);
  Put(out, 320, report_data);
  return out;
}

// openenclave include/openenclave/internal/report.h: version 1, type remote, size.
Bytes OeReport(View quote) {
  Bytes out;
  AppendLe(out, 1, 4);
  AppendLe(out, 2, 4);
  AppendLe(out, quote.size(), 8);
  Append(out, quote);
  return out;
}

Result<CertificatePtr> TlsCertificate(const VendorKey& key, View extension) {
  CertificateSpec spec{"Assay simulation enclave",
                       "Assay simulation",
                       kAt - std::chrono::hours(1),
                       kAt + std::chrono::hours(1),
                       false,
                       {}};
  if (!extension.empty()) spec.extensions.emplace_back(kOeExtension, ToBytes(extension));
  return BuildCertificate(spec, key, key, nullptr);
}

Wrapper WrapperFor(const Order& order) {
  return order.fault == "ra_tls.binding" ? Wrapper::kRaTls : order.shape.wrapper;
}

}  // namespace

Result<Simulation> SimulateSgx(const Order& order) {
  Simulation out;
  const IntelKeys keys = TRY(MakeIntelKeys());
  const IntelPki pki = TRY(MakeIntelPki(keys, order, out));
  TRY_VOID(AddIntelDocuments(keys, false, order, out));
  const Wrapper wrapper = WrapperFor(order);
  const VendorKey tls = TRY(VendorKey::Generate(VendorKeyType::kP256));
  Bytes report_data = Filler(kReportData, 32);
  if (wrapper == Wrapper::kRaTls && order.fault != "ra_tls.binding") {
    const CertificatePtr bare = TRY(TlsCertificate(tls, {}));
    report_data = ToBytes(bare->key().SpkiBindingDigests().front());
  }
  const unsigned version = order.shape.version == 0 ? 3 : order.shape.version;
  const QuoteParts parts{version, false, EnclaveReport(order, report_data)};
  out.evidence = TRY(MakeQuote(parts, keys, pki, order));
  if (wrapper != Wrapper::kNone) out.evidence = OeReport(out.evidence);
  if (wrapper == Wrapper::kRaTls) out.evidence = TRY(TlsCertificate(tls, out.evidence))->der();
  out.files["evidence.bin"] = out.evidence;
  ExpectReportData(out, report_data, order, "report_data");
  return out;
}

}  // namespace assay::simulate
