// A machine with a TPM that booted under Secure Boot: quote, attestation key with certificate,
// logs.
#include "base/encoding.h"
#include "simulate/parts.h"
#include "simulate/tpm_certify.h"
#include "simulate/tpm_key.h"
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

CertificateSpec TpmSpec(std::string name, Validity validity, bool is_ca) {
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
  pki.root = TRY(BuildCertificate(TpmSpec("Simulated TPM Root", Around(4000), true), keys.root,
                                  keys.root, nullptr));
  pki.intermediate = TRY(BuildCertificate(TpmSpec("Simulated TPM CA", Around(3000), true),
                                          keys.intermediate, keys.root, pki.root.get()));
  // The faults: a certificate of another key, and one that the CA did not sign.
  const VendorKey& subject = order.fault == "ak.certificate" ? keys.rogue : keys.ak;
  const VendorKey& signer = order.fault == "ak.chain" ? keys.rogue : keys.intermediate;
  pki.ak = TRY(BuildCertificate(TpmSpec("Simulated attestation key", validity, false), subject,
                                signer, pki.intermediate.get()));
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

// RSA takes a while to make: once per process.
Result<SigningKey> MakeRsaKey() {
  static const Result<SigningKey> key = SigningKey::Generate(KeyType::kRsa2048);
  return key;
}

bool AboutCertifiedKeys(std::string_view fault) {
  return fault.starts_with("certified_key.") || fault.starts_with("sealing_key.") ||
         fault.starts_with("runtime_key.");
}

// The key to be certified, and what is wrong with it.
Result<Bytes> AreaToCertify(const TpmKeys& keys, const TpmLogs& logs, const Order& order) {
  constexpr std::uint32_t kFixedTpm = 1U << 1U, kUserWithAuth = 1U << 6U, kSign = 1U << 18U;
  std::uint32_t attributes = kSealingAttributes;
  if (order.fault == "sealing_key.attributes" || order.fault == "runtime_key.purpose") {
    attributes |= kSign;
  }
  if (order.fault == "sealing_key.policy") attributes |= kUserWithAuth;
  if (order.fault == "runtime_key.origin") attributes &= ~kFixedTpm;
  if (order.fault == "runtime_key.type") return EccArea(keys.rogue, attributes);
  return RsaArea(TRY(TRY(MakeRsaKey()).Public()), attributes, PcrPolicyOf(logs));
}

Result<json::Value> CertifiedKey(const TpmKeys& keys, const TpmLogs& logs, View nonce,
                                 const Order& order) {
  const Bytes area = TRY(AreaToCertify(keys, logs, order));
  const Bytes name =
      order.fault == "certified_key.name" ? Filler("another key", 34) : NameOfArea(area);
  const Bytes answered =
      order.fault == "certified_key.nonce" ? Filler("another nonce", 32) : ToBytes(nonce);
  const VendorKey& signer = order.fault == "certified_key.signature" ? keys.rogue : keys.ak;
  return CertifiedKeyJson(area, CertificationOf(name, Filler("signer", 34), answered), signer);
}

Result<void> AddCertifiedKeys(const TpmKeys& keys, const TpmLogs& logs, View nonce,
                              const Order& order, json::Object& evidence, Simulation& out) {
  if (!AboutCertifiedKeys(order.fault)) return {};
  const bool of_runtime = order.fault.starts_with("runtime_key.");
  (of_runtime ? out.expectations.runtime_key : out.expectations.sealing_key) = true;
  json::Array certified;
  if (order.fault != "sealing_key.present") {
    certified.push_back(TRY(CertifiedKey(keys, logs, nonce, order)));
  }
  if (order.fault == "runtime_key.single") certified.push_back(certified.front());
  evidence.emplace_back("certified_keys", std::move(certified));
  return {};
}

}  // namespace

Result<Simulation> SimulateTpm(const Order& order) {
  const TpmKeys keys = TRY(MakeKeys());
  Simulation out;
  const TpmPki pki = TRY(MakePki(keys, order, out));
  TRY_VOID(AddCrls(keys, pki, order, out));
  const TpmLogs logs = MakeTpmLogs(order);
  const Bytes nonce = Filler(kReportData, 32);
  const Bytes ak = TRY(AttestationKeyArea(keys.ak, order));
  const auto text = [](View bytes) { return json::Value(Base64UrlEncode(bytes)); };
  const VendorKey& signer = order.fault == "quote.signature" ? keys.rogue : keys.ak;
  json::Array quotes;
  for (const Bytes& quote : QuotesOf(logs, NameOfArea(ak), nonce, order)) {
    quotes.emplace_back(json::Object{{"message", text(quote)},
                                     {"signature", text(TRY(SignatureOf(quote, signer, order)))}});
  }
  json::Object evidence{
      {"assay-evidence", "tpm/1"},        {"ak", text(ak)},
      {"quotes", std::move(quotes)},      {"pcrs", PcrsOf(logs, order)},
      {"ima_log", text(ImaListOf(logs))},
  };
  if (order.fault != "ak.trust") {
    evidence.emplace_back("ak_certificates", json::Array{text(pki.ak->der())});
  }
  if (order.fault != "event_log.present") {
    evidence.emplace_back("event_log", text(logs.event_log));
  }
  TRY_VOID(AddCertifiedKeys(keys, logs, nonce, order, evidence, out));
  if (order.fault == "quote.required_pcrs") out.expectations.required_pcrs = 0xFFFFFF;
  if (order.fault == "ima.known") evidence.emplace_back("ima_from", 1);
  out.evidence = ToBytes(AsBytes(json::Write(evidence)));
  if (order.fault == "ak.enrolled") out.expectations.enrolled_aks = {Filler("another key", 34)};
  ExpectReportData(out, nonce, order, "quote.nonce");
  out.roots.tpm = {pki.root->key().SpkiDigest()};
  Finish(out, *pki.root);
  return out;
}

}  // namespace assay::simulate
