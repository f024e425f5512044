#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "simulate/der_writer.h"
#include "simulate/intel.h"

namespace assay::simulate {
namespace {

constexpr const char* kNotIntel = "Assay simulation - not Intel";
const std::string kSgxArc = "1.2.840.113741.1.13.1";

CertificateSpec IntelSpec(std::string name, Validity validity, bool is_ca) {
  return {std::move(name), kNotIntel, validity.from, validity.to, is_ca, {}};
}

Bytes Member(const std::string& arc, const Bytes& value) {
  return DerSequence({DerOid(kSgxArc + arc), value});
}

// Intel SGX PCK Certificate and CRL Profile §1.3.5.
Result<Bytes> PckExtension(const Shape& shape) {
  Bytes tcb;
  for (unsigned i = 1; i <= 16; ++i) {
    Append(tcb, Member(".2." + std::to_string(i), DerInteger(kComponentSvn)));
  }
  Append(tcb, Member(".2.17", DerInteger(kPceSvn)));
  const Bytes cpu_svn(16, std::byte{kComponentSvn});
  Append(tcb, Member(".2.18", DerElement(0x04, cpu_svn)));
  const Bytes ppid = Filler("Assay simulation PPID", 16);
  const Bytes instance = Filler("Assay simulation platform instance", 16);
  const Bytes sgx_type = {static_cast<std::byte>(shape.sgx_type)};
  Bytes content = Member(".1", DerElement(0x04, ppid));
  Append(content, Member(".2", DerElement(0x30, tcb)));
  Append(content, Member(".3", DerElement(0x04, TRY(HexDecode(kPceId)))));
  Append(content, Member(".4", DerElement(0x04, TRY(HexDecode(kFmspc)))));
  Append(content, Member(".5", DerElement(0x0A, sgx_type)));
  // The Processor CA certifies no platform instances.
  if (!shape.processor_ca) Append(content, Member(".6", DerElement(0x04, instance)));
  return DerElement(0x30, content);
}

Result<void> AddCrls(const IntelKeys& keys, const IntelPki& pki, const Order& order,
                     Simulation& out) {
  const Validity root = Around(60, order.fault == "root_crl.dates");
  const Validity pck = Around(30, order.fault == "pck_crl.dates");
  out.validity["root_crl.dates"] = root;
  out.validity["pck_crl.dates"] = pck;
  CrlSpec root_spec{root.from, root.to, {}};
  if (order.fault == "intermediate.revoked") root_spec.revoked.push_back(pki.intermediate);
  CrlSpec pck_spec{pck.from, pck.to, {}};
  if (order.fault == "pck.revoked") pck_spec.revoked.push_back(pki.pck);
  if (order.fault != "root_crl.present") {
    const VendorKey& key = order.fault == "root_crl.signature" ? keys.rogue : keys.root;
    TRY_VOID(AddCrl(out, "root_ca.crl", TRY(BuildCrl(root_spec, *pki.root, key))));
  }
  if (order.fault != "pck_crl.present") {
    const VendorKey& key = order.fault == "pck_crl.signature" ? keys.rogue : keys.intermediate;
    TRY_VOID(AddCrl(out, "pck_ca.crl", TRY(BuildCrl(pck_spec, *pki.intermediate, key))));
  }
  return {};
}

// One signer for both documents as Intel has it, or a second one, which an impostor certified.
Result<void> AddSigners(const IntelKeys& keys, const Order& order, IntelPki& pki, Simulation& out) {
  const Validity validity = Around(1000);
  out.validity["tcb_info.signer"] = out.validity["qe_identity.signer"] = validity;
  const CertificateSpec spec = IntelSpec("Intel SGX TCB Signing", validity, false);
  pki.tcb_info_signer = pki.qe_identity_signer =
      TRY(BuildCertificate(spec, keys.tcb_signer, keys.root, pki.root.get()));
  AddCertificate(out, "tcb_signing.pem", pki.tcb_info_signer);
  if (order.fault != "tcb_info.signer" && order.fault != "qe_identity.signer") return {};
  const CertificatePtr impostor =
      TRY(BuildCertificate(spec, keys.rogue, keys.rogue, pki.root.get()));
  (order.fault == "tcb_info.signer" ? pki.tcb_info_signer : pki.qe_identity_signer) = impostor;
  AddCertificate(out, "tcb_signing_2.pem", impostor);
  return {};
}

Result<CertificatePtr> MakePck(const IntelKeys& keys, const IntelPki& pki, const Order& order,
                               Simulation& out) {
  const Validity validity = Around(1500, order.fault == "pck.dates");
  out.validity["pck.dates"] = validity;
  CertificateSpec spec = IntelSpec(
      order.fault == "pck.profile" ? "Simulated PCK Certificate" : "Intel SGX PCK Certificate",
      validity, false);
  spec.extensions.emplace_back(kSgxArc, TRY(PckExtension(order.shape)));
  return BuildCertificate(spec, keys.pck,
                          order.fault == "pck.signature" ? keys.rogue : keys.intermediate,
                          pki.intermediate.get());
}

}  // namespace

Result<IntelKeys> MakeIntelKeys() {
  constexpr auto kType = VendorKeyType::kP256;
  return IntelKeys{TRY(VendorKey::Generate(kType)), TRY(VendorKey::Generate(kType)),
                   TRY(VendorKey::Generate(kType)), TRY(VendorKey::Generate(kType)),
                   TRY(VendorKey::Generate(kType)), TRY(VendorKey::Generate(kType))};
}

std::string IntelPki::PckChainPem() const {
  return CertificateToPem(*pck) + CertificateToPem(*intermediate) + CertificateToPem(*root);
}

Result<IntelPki> MakeIntelPki(const IntelKeys& keys, const Order& order, Simulation& out) {
  IntelPki pki;
  const Validity root = Around(3000, order.fault == "root.dates");
  const Validity intermediate = Around(2000, order.fault == "intermediate.dates");
  out.validity["root.dates"] = root;
  out.validity["intermediate.dates"] = intermediate;
  const CertificateSpec root_spec = IntelSpec("Intel SGX Root CA", root, true);
  if (order.fault == "root.signature") {
    // In its own name, but with the signature of another key.
    pki.root = TRY(BuildCertificate(root_spec, keys.root, keys.rogue, nullptr));
  } else {
    pki.root = TRY(BuildCertificate(root_spec, keys.root, keys.root, nullptr));
  }
  pki.intermediate = TRY(BuildCertificate(
      IntelSpec(
          order.shape.processor_ca ? "Intel SGX PCK Processor CA" : "Intel SGX PCK Platform CA",
          intermediate, true),
      keys.intermediate, order.fault == "intermediate.signature" ? keys.rogue : keys.root,
      pki.root.get()));
  pki.pck = TRY(MakePck(keys, pki, order, out));
  TRY_VOID(AddSigners(keys, order, pki, out));
  TRY_VOID(AddCrls(keys, pki, order, out));
  // Not pinned: the verifier is told to trust another root of the same name.
  const CertificatePtr trusted =
      order.fault == "root.pinned"
          ? TRY(BuildCertificate(root_spec, keys.rogue, keys.rogue, nullptr))
          : pki.root;
  out.roots.intel.push_back(trusted->key().SpkiDigest());
  Finish(out, *trusted);
  return pki;
}

}  // namespace assay::simulate
