// The DCAP quote around a report: Intel SGX ECDSA QuoteLibReference DCAP API, Appendix A.4.
#include "simulate/intel.h"
#include "simulate/intel_values.h"

namespace assay::simulate {
namespace {

constexpr std::size_t kSgxReportSize = 384;
constexpr std::size_t kTd10ReportSize = 584;
constexpr std::string_view kIntelQeVendorId =
    "\x93\x9a\x72\x33\xf7\x9c\x4c\xa9\x94\x0a\x0d\xb3\x95\x7f\x06\x07";

Bytes Header(const QuoteParts& parts, const Order& order) {
  Bytes out;
  AppendLe(out, parts.version, 2);
  AppendLe(out, 2, 2);  // ECDSA P-256
  AppendLe(out, parts.tdx ? 0x81 : 0, 4);
  AppendLe(out, parts.tdx ? 0 : kQeIsvSvn, 2);
  AppendLe(out, parts.tdx ? 0 : kPceSvn, 2);
  Append(out, order.fault == "quote.qe_vendor" ? Filler("another vendor of quoting enclaves", 16)
                                               : ToBytes(AsBytes(kIntelQeVendorId)));
  Append(out, Bytes(20));
  if (parts.version >= 5) {
    const bool sgx = !parts.tdx;
    AppendLe(out, sgx ? 1 : (parts.body.size() == kTd10ReportSize ? 2 : 3), 2);
    AppendLe(out, parts.body.size(), 4);
  }
  return out;
}

Bytes QeReport(View attestation_key, View authentication_data, const Order& order) {
  Bytes out(kSgxReportSize);
  Put(out, 0, Bytes(16, std::byte{kComponentSvn}));
  PutLe(out, 16, order.fault == "qe.miscselect" ? 1 : 0, 4);
  // INIT and PROVISION_KEY; the fault is a DEBUG quoting enclave.
  PutLe(out, 48, order.fault == "qe.attributes" ? 0x13 : 0x11, 8);
  PutLe(out, 56, 0xE7, 8);
  Put(out, 64, Filler("Assay simulation quoting enclave", 32));
  Put(out, 128, Filler(order.fault == "qe.mrsigner" ? "another signer" : kQeSigner, 32));
  PutLe(out, 256, order.fault == "qe.isvprodid" ? kQeIsvProdId + 1 : kQeIsvProdId, 2);
  PutLe(out, 258, kQeIsvSvn, 2);
  Bytes bound = ToBytes(attestation_key);
  Append(bound, authentication_data);
  if (order.fault == "attestation_key.binding") bound.push_back(std::byte{0});
  Put(out, 320, Sha256(bound));
  return out;
}

Result<Bytes> Certification(View attestation_key, const IntelKeys& keys, const IntelPki& pki,
                            const Order& order) {
  Bytes authentication_data;
  for (unsigned i = 0; i < 32; ++i) AppendLe(authentication_data, i, 1);  // as Intel's QE has it
  Bytes out = QeReport(attestation_key, authentication_data, order);
  const VendorKey& signer = order.fault == "qe_report.signature" ? keys.rogue : keys.pck;
  Append(out, TRY(signer.SignEcdsa(Bytes(out))));
  AppendLe(out, authentication_data.size(), 2);
  Append(out, authentication_data);
  std::string chain = pki.PckChainPem();
  if (order.fault == "pck.chain") chain.resize(chain.rfind("-----BEGIN"));  // without its root
  AppendLe(out, 5, 2);                                                      // a PEM chain
  AppendLe(out, chain.size() + 1, 4);
  Append(out, AsBytes(chain));
  out.push_back(std::byte{0});
  return out;
}

}  // namespace

Result<Bytes> MakeQuote(const QuoteParts& parts, const IntelKeys& keys, const IntelPki& pki,
                        const Order& order) {
  Bytes out = Header(parts, order);
  Append(out, parts.body);
  const VendorKey& signer = order.fault == "quote.signature" ? keys.rogue : keys.attestation;
  Bytes signature_data = TRY(signer.SignEcdsa(out));
  Bytes attestation_key = TRY(keys.attestation.Point());
  // The points with one x are two, opposite to each other: a changed y is on the curve never.
  if (order.fault == "attestation_key.point") attestation_key.back() ^= std::byte{0x02};
  Append(signature_data, attestation_key);
  const Bytes certification = TRY(Certification(attestation_key, keys, pki, order));
  if (parts.version >= 4) {
    AppendLe(signature_data, 6, 2);
    AppendLe(signature_data, certification.size(), 4);
  }
  Append(signature_data, certification);
  AppendLe(out, signature_data.size(), 4);
  Append(out, signature_data);
  if (order.fault == "quote.trailing") Append(out, AsBytes("unexplained"));
  return out;
}

}  // namespace assay::simulate
