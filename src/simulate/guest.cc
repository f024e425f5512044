#include "simulate/guest.h"

#include "base/encoding.h"
#include "crypto/certificate_builder.h"
#include "crypto/jose.h"
#include "simulate/parts.h"
#include "simulate/tpm_certify.h"
#include "simulate/tpm_key.h"
#include "simulate/tpm_logs.h"
#include "simulate/tpm_quote.h"

namespace assay::simulate {
namespace {

json::Value Standard(View bytes) { return Base64Encode(bytes); }

CertificateSpec GuestSpec(std::string name, bool is_ca) {
  const Validity validity = Around(400);
  CertificateSpec out;
  out.common_name = std::move(name);
  out.organisation = "Assay simulation";
  out.not_before = validity.from;
  out.not_after = validity.to;
  out.is_ca = is_ca;
  return out;
}

// An attestation key's certificate under a root of its own, with a revocation list.
Result<CertificatePtr> MakeAkCertificate(const PublicParameters& ak, Simulation& world) {
  const VendorKey root_key = TRY(VendorKey::Generate(VendorKeyType::kP256));
  const CertificatePtr root = TRY(
      BuildCertificate(GuestSpec("Simulated virtual TPM CA", true), root_key, root_key, nullptr));
  const Validity validity = Around(90);
  AddCertificate(world, "tpm_root.pem", root);
  TRY_VOID(AddCrl(world, "tpm_root.crl",
                  TRY(BuildCrl({validity.from, validity.to, {}}, *root, root_key))));
  world.roots.tpm = {root->key().SpkiDigest()};
  world.at = kAt;
  return BuildCertificate(GuestSpec("Simulated guest", false), TRY(RsaPublicKey(ak.n, ak.e)),
                          root_key, root.get());
}

json::Array PcrList(const TpmLogs& logs, std::string_view fault) {
  json::Array out;
  for (const auto& [pcr, value] : logs.pcrs) {
    const bool other = fault == "quote.pcr_digest" && pcr == 14;
    out.emplace_back(json::Object{{"Digest", Standard(other ? Filler("other", 32) : value)},
                                  {"Index", static_cast<std::int64_t>(pcr)}});
  }
  return out;
}

struct GuestKeys {
  const SigningKey &ak, &sealing, &rogue;
};

// The key that the answer is sealed to, and the attestation key's word for it.
Result<void> AddSealingKey(const GuestKeys& keys, const TpmLogs& logs, View signer,
                           std::string_view fault, json::Object& out) {
  constexpr std::uint32_t kFixedTpm = 1U << 1U;
  const std::uint32_t attributes =
      fault == "sealing_key.attributes" ? kSealingAttributes & ~kFixedTpm : kSealingAttributes;
  const Bytes policy = fault == "sealing_key.policy" ? Filler("any state", 32) : PcrPolicyOf(logs);
  const Bytes area = RsaArea(TRY(keys.sealing.Public()), attributes, policy);
  // The fault: another key than the one that was certified.
  const Bytes certified =
      fault == "certified_key.name" ? RsaArea(TRY(keys.rogue.Public()), attributes, policy) : area;
  const Bytes certification = CertificationOf(NameOfArea(certified), signer, {});
  const SigningKey& by = fault == "certified_key.signature" ? keys.rogue : keys.ak;
  out.emplace_back("EncKeyCertifyInfo", Standard(certification));
  out.emplace_back("EncKeyCertifyInfoSignature", Standard(TRY(by.Sign(certification))));
  Bytes sized;
  AppendSized(sized, area);
  out.emplace_back("EncKeyPub", Standard(sized));
  return {};
}

}  // namespace

Result<SimulatedGuest> SimulatedGuest::Make() {
  // RSA takes a while to make: once per process.
  static const Result<std::vector<SigningKey>> keys = []() -> Result<std::vector<SigningKey>> {
    std::vector<SigningKey> out;
    for (int i = 0; i < 3; ++i) out.push_back(TRY(SigningKey::Generate(KeyType::kRsa2048)));
    return out;
  }();
  const std::vector<SigningKey> made = TRY(keys);
  return SimulatedGuest(made[0], made[1], made[2]);
}

Result<SimulatedGuest> SimulatedGuest::TrustedLaunch() {
  SimulatedGuest out = TRY(Make());
  out.ak_certificate_ = TRY(MakeAkCertificate(TRY(out.ak_.Public()), out.world_));
  return out;
}

Result<SimulatedGuest> SimulatedGuest::Confidential(Processor processor) {
  SimulatedGuest out = TRY(Make());
  const PublicParameters ak = TRY(out.ak_.Public());
  out.runtime_data_ = json::Write(json::Object{
      {"keys", json::Array{json::Object{{"kid", "HCLAkPub"},
                                        {"key_ops", json::Array{"sign"}},
                                        {"kty", "RSA"},
                                        {"e", Base64UrlEncode(ak.e)},
                                        {"n", Base64UrlEncode(ak.n)}}}},
      {"vm-configuration", json::Object{{"secure-boot", true},
                                        {"tpm-enabled", true},
                                        {"vmUniqueId", "00000000-0000-4000-8000-000000000001"}}},
      {"user-data", HexEncode(Bytes(64))}});
  Order order;
  order.report_data = ToBytes(Sha256(AsBytes(out.runtime_data_)));
  const bool snp = processor == Processor::kSnp;
  out.world_ = snp ? TRY(SimulateSnp(order)) : TRY(SimulateTdx(order));
  out.processor_ = processor;
  out.report_ = std::move(out.world_.evidence);
  out.world_.expectations = {};
  return out;
}

Result<SimulatedGuest> SimulatedGuest::SevSnp() { return Confidential(Processor::kSnp); }
Result<SimulatedGuest> SimulatedGuest::Tdx() { return Confidential(Processor::kTdx); }

json::Object SimulatedGuest::Isolation(std::string_view fault) const {
  if (ak_certificate_) return {{"Type", "TrustedLaunch"}};
  const bool snp = processor_ == Processor::kSnp;
  const std::string report = json::Write(json::Object{{"SnpReport", Base64UrlEncode(report_)}});
  const View proof = snp ? AsBytes(report) : View(report_);
  // The fault: data that the processor did not bind.
  const std::string runtime =
      fault == (snp ? "report.report_data" : "report_data") ? runtime_data_ + " " : runtime_data_;
  return {{"Type", snp ? "SevSnp" : "TDX"},
          {"Evidence",
           json::Object{{"Proof", Standard(proof)}, {"RunTimeData", Standard(AsBytes(runtime))}}}};
}

Result<std::string> SimulatedGuest::Request(std::string_view fault) const {
  Order order;
  order.fault = fault;
  const TpmLogs logs = MakeTpmLogs(order);
  const Bytes ak = RsaArea(TRY(ak_.Public()), kRsaAkAttributes, {});
  const Bytes signer = NameOfArea(ak);
  const Bytes quote = QuoteOf(logs, signer, {}, order, 7);
  const SigningKey& by = fault == "quote.signature" ? rogue_ : ak_;
  Bytes sized;
  AppendSized(sized, ak);
  json::Object tpm{{"AikCert", Standard(ak_certificate_ ? ak_certificate_->der() : View())},
                   {"AikPub", Standard(sized)},
                   {"PCRs", PcrList(logs, fault)},
                   {"PcrQuote", Standard(quote)},
                   {"PcrSignature", Standard(TRY(by.Sign(quote)))}};
  TRY_VOID(AddSealingKey({ak_, sealing_, rogue_}, logs, signer, fault, tpm));
  const json::Object info{{"AttestationProtocolVersion", "2.0"},
                          {"ClientPayload", json::Object{{"nonce", Standard(AsBytes("1234"))}}},
                          {"IsolationInfo", Isolation(fault)},
                          {"OSBuild", Standard(AsBytes("NotApplicable"))},
                          {"OSDistro", Standard(AsBytes("Debian"))},
                          {"OSType", Standard(AsBytes("Linux"))},
                          {"OSVersionMajor", 12},
                          {"OSVersionMinor", 0},
                          {"TcgLogs", Standard(logs.event_log)},
                          {"TpmInfo", std::move(tpm)}};
  return json::Write(
      json::Object{{"attestationInfo", Base64UrlEncode(AsBytes(json::Write(info)))}});
}

}  // namespace assay::simulate
