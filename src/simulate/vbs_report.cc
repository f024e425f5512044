#include "simulate/vbs_report.h"

#include "crypto/certificate_builder.h"
#include "crypto/digest.h"

namespace assay::simulate {
namespace {

void AppendModule(std::string_view name, Bytes& out) {
  constexpr std::size_t kFixed = 8 + 32 + 32 + 16 + 16 + 4;
  AppendLe(out, 1, 4);  // VBS_ENCLAVE_VARDATA_MODULE
  AppendLe(out, kFixed + 2 * (name.size() + 1), 4);
  Append(out, Filler(name, 32));
  Append(out, Filler("author", 32));
  Append(out, Filler("family", 16));
  Append(out, Filler("image", 16));
  AppendLe(out, 1, 4);
  for (const char c : name) AppendLe(out, static_cast<unsigned char>(c), 2);
  AppendLe(out, 0, 2);
}

Bytes Statement(View enclave_data, const Order& order) {
  Bytes body;
  AppendLe(body, 1, 4);  // version
  Append(body, enclave_data);
  Append(body, Filler("owner", 32));
  Append(body, Filler("unique", 32));
  Append(body, Filler("author", 32));
  Append(body, Filler("family", 16));
  Append(body, Filler("image", 16));
  AppendLe(body, 7, 4);                                           // enclave svn
  AppendLe(body, 3, 4);                                           // secure kernel svn
  AppendLe(body, 2, 4);                                           // platform svn
  AppendLe(body, order.fault == "vbs.debug" ? 1 : 0, 4);          // flags
  AppendLe(body, 4, 4);                                           // signing level
  AppendLe(body, order.fault == "vbs.enclave_type" ? 1 : 16, 4);  // ENCLAVE_TYPE_VBS
  AppendModule("enclave.dll", body);
  AppendModule("vertdll.dll", body);
  Bytes out;
  AppendLe(out, body.size() + 4, 4);
  Append(out, body);
  return out;
}

}  // namespace

Result<Bytes> IdentityKeyInfo(const SigningKey& key) {
  const PublicParameters parts = TRY(key.Public());
  Bytes out;
  AppendLe(out, 1, 4);
  AppendLe(out, parts.n.size() * 8, 4);
  AppendLe(out, parts.e.size(), 4);
  AppendLe(out, parts.n.size(), 4);
  Append(out, parts.e);
  Append(out, parts.n);
  return out;
}

Result<Bytes> VbsReport(View statement, const SigningKey& identity_key, const Order& order) {
  const Bytes other = Filler("another statement", 64);
  const View vouched = order.fault == "vbs.enclave_data" ? View(other) : statement;
  const Bytes report = Statement(Sha512(vouched), order);
  const Bytes signature = TRY(SignRsaPss(identity_key, report));
  Bytes out;
  AppendLe(out, 24 + report.size() + signature.size(), 4);
  AppendLe(out, 1, 4);  // version
  AppendLe(out, 1, 4);  // SHA256_RSA_PSS_SHA256
  AppendLe(out, report.size(), 4);
  AppendLe(out, signature.size(), 4);
  AppendLe(out, 0, 4);
  Append(out, report);
  Append(out, signature);
  return out;
}

Result<TpmBoot> WindowsBootOf(const SigningKey& identity_key, const Order& order, Simulation& out) {
  const VendorKey key = TRY(VendorKey::Generate(VendorKeyType::kP256));
  CertificateSpec spec;
  spec.common_name = "Simulated Windows authority";
  spec.not_before = Around(4000).from;
  spec.not_after = Around(4000).to;
  spec.is_ca = true;
  const CertificatePtr authority = TRY(BuildCertificate(spec, key, key, nullptr));
  // The fault: it is signed by somebody else.
  if (order.fault != "vbs.windows") {
    out.roots.windows = {authority->key().SpkiDigest()};
    const std::string pem = CertificateToPem(*authority);
    out.files["windows.pem"] = ToBytes(AsBytes(pem));
  }
  TpmBoot boot = order.boot;
  boot.windows_authority = ToBytes(authority->der());
  boot.identity_key = TRY(IdentityKeyInfo(identity_key));
  return boot;
}

}  // namespace assay::simulate
