// A machine with a TPM that booted under Secure Boot: quote, attestation key with certificate,
// logs.
#include "base/encoding.h"
#include "simulate/parts.h"
#include "simulate/tpm_logs.h"
#include "simulate/tpm_quote.h"

namespace assay::simulate {
namespace {

struct TpmKeys {
  VendorKey root, intermediate, ak;
  VendorKey rogue;  // signs what shall not verify
};

Result<TpmKeys> MakeKeys() {
  constexpr auto kEc = VendorKeyType::kP256;
  return TpmKeys{TRY(VendorKey::Generate(kEc)), TRY(VendorKey::Generate(kEc)),
                 TRY(VendorKey::Generate(kEc)), TRY(VendorKey::Generate(kEc))};
}

// TPMT_PUBLIC of a restricted ECDSA key (TPM 2.0 Part 2 §12.2.4).
Result<Bytes> PublicAreaOf(const VendorKey& key, const Order& order) {
  // fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign
  constexpr std::uint32_t kAttestationKey = 0x00050072, kRestricted = 1U << 16U;
  const std::uint32_t attributes =
      order.fault == "ak.attributes" ? kAttestationKey & ~kRestricted : kAttestationKey;
  const Bytes point = TRY(key.Point());
  Bytes out;
  AppendBe(out, 0x0023, 2);  // ECC
  AppendBe(out, kSha256, 2);
  AppendBe(out, attributes, 4);
  AppendSized(out, {});      // no policy
  AppendBe(out, 0x0010, 2);  // no symmetric algorithm
  AppendBe(out, 0x0018, 2);  // ECDSA
  AppendBe(out, kSha256, 2);
  AppendBe(out, 0x0003, 2);  // NIST P-256
  AppendBe(out, 0x0010, 2);  // no KDF
  AppendSized(out, View(point).first(32));
  AppendSized(out, View(point).subspan(32));
  return out;
}

Result<Bytes> SignatureOf(View quote, const TpmKeys& keys, const Order& order) {
  const VendorKey& key = order.fault == "quote.signature" ? keys.rogue : keys.ak;
  const bool sha1 = order.fault == "quote.hash";
  const Bytes raw = sha1 ? TRY(key.SignEcdsaDigest(Sha1(quote))) : TRY(key.SignEcdsa(quote));
  Bytes out;
  AppendBe(out, 0x0018, 2);
  AppendBe(out, sha1 ? kSha1 : kSha256, 2);
  AppendSized(out, View(raw).first(32));
  AppendSized(out, View(raw).subspan(32));
  return out;
}

Bytes NameOf(View public_area) {
  Bytes out;
  AppendBe(out, kSha256, 2);
  Append(out, Sha256(public_area));
  return out;
}

CertificateSpec Spec(std::string name, Validity validity, bool is_ca) {
  CertificateSpec out;
  out.common_name = std::move(name);
  out.organisation = "Assay simulation";
  out.not_before = validity.from;
  out.not_after = validity.to;
  out.is_ca = is_ca;
  return out;
}

struct TpmPki {
  CertificatePtr root, intermediate, ak;
};

Result<TpmPki> MakePki(const TpmKeys& keys, const Order& order, Simulation& out) {
  const Validity validity = Around(400, order.fault == "ak.dates");
  out.validity["ak.dates"] = validity;
  TpmPki pki;
  pki.root = TRY(BuildCertificate(Spec("Simulated TPM Root", Around(4000), true), keys.root,
                                  keys.root, nullptr));
  pki.intermediate = TRY(BuildCertificate(Spec("Simulated TPM CA", Around(3000), true),
                                          keys.intermediate, keys.root, pki.root.get()));
  // The faults: a certificate of another key, and one that the CA did not sign.
  const VendorKey& subject = order.fault == "ak.certificate" ? keys.rogue : keys.ak;
  const VendorKey& signer = order.fault == "ak.chain" ? keys.rogue : keys.intermediate;
  pki.ak = TRY(BuildCertificate(Spec("Simulated attestation key", validity, false), subject, signer,
                                pki.intermediate.get()));
  AddCertificate(out, "tpm_root.pem", pki.root);
  AddCertificate(out, "tpm_ca.pem", pki.intermediate);
  return pki;
}

Result<void> AddCrls(const TpmKeys& keys, const TpmPki& pki, const Order& order, Simulation& out) {
  const Validity validity = Around(90);
  const CrlSpec root{validity.from, validity.to, {}};
  TRY_VOID(AddCrl(out, "tpm_root.crl", TRY(BuildCrl(root, *pki.root, keys.root))));
  if (order.fault == "ak_crl.present") return {};
  CrlSpec ca{validity.from, validity.to, {}};
  if (order.fault == "ak.revoked") ca.revoked.push_back(pki.ak);
  return AddCrl(out, "tpm_ca.crl", TRY(BuildCrl(ca, *pki.intermediate, keys.intermediate)));
}

}  // namespace

Result<Simulation> SimulateTpm(const Order& order) {
  const TpmKeys keys = TRY(MakeKeys());
  Simulation out;
  const TpmPki pki = TRY(MakePki(keys, order, out));
  TRY_VOID(AddCrls(keys, pki, order, out));
  const TpmLogs logs = MakeTpmLogs(order);
  const Bytes nonce = Filler(kReportData, 32);
  const Bytes ak = TRY(PublicAreaOf(keys.ak, order));
  const auto text = [](View bytes) { return json::Value(Base64UrlEncode(bytes)); };
  json::Array quotes;
  for (const Bytes& quote : QuotesOf(logs, NameOf(ak), nonce, order)) {
    quotes.emplace_back(json::Object{{"message", text(quote)},
                                     {"signature", text(TRY(SignatureOf(quote, keys, order)))}});
  }
  json::Object evidence{
      {"assay-evidence", "tpm/1"},     {"ak", text(ak)},
      {"quotes", std::move(quotes)},   {"pcrs", PcrsOf(logs, order)},
      {"ima_log", text(logs.ima_log)},
  };
  if (order.fault != "ak.trust") {
    evidence.emplace_back("ak_certificates", json::Array{text(pki.ak->der())});
  }
  if (order.fault != "event_log.present") {
    evidence.emplace_back("event_log", text(logs.event_log));
  }
  if (order.fault == "ima.known") evidence.emplace_back("ima_from", 1);
  out.evidence = ToBytes(AsBytes(json::Write(evidence)));
  if (order.fault == "ak.enrolled") out.expectations.enrolled_aks = {Filler("another key", 34)};
  ExpectReportData(out, nonce, order, "quote.nonce");
  out.roots.tpm = {pki.root->key().SpkiDigest()};
  Finish(out, *pki.root);
  return out;
}

}  // namespace assay::simulate
