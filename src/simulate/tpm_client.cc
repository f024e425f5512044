#include "simulate/tpm_client.h"

#include "base/encoding.h"
#include "crypto/certificate_builder.h"
#include "crypto/jose.h"
#include "simulate/parts.h"
#include "simulate/tpm_certify.h"
#include "simulate/tpm_key.h"
#include "simulate/tpm_logs.h"
#include "simulate/tpm_quote.h"
#include "simulate/vbs_report.h"
#include "tee/tcg/replay.h"

namespace assay::simulate {
namespace {

json::Value Url(View bytes) { return Base64UrlEncode(bytes); }

json::Object JwkOf(const PublicParameters& key) {
  return {{"kty", "RSA"}, {"n", Url(key.n)}, {"e", Url(key.e)}};
}

// extendedKeyUsage (RFC 5280 section 4.2.1.12) with 2.23.133.8.3 alone.
Bytes AikPurpose() {
  return {std::byte{0x30}, std::byte{0x07}, std::byte{0x06}, std::byte{0x05}, std::byte{0x67},
          std::byte{0x81}, std::byte{0x05}, std::byte{0x08}, std::byte{0x03}};
}

CertificateSpec ClientSpec(std::string name, bool is_ca) {
  CertificateSpec out;
  out.common_name = std::move(name);
  out.organisation = "Assay simulation";
  out.not_before = Around(400).from;
  out.not_after = Around(400).to;
  out.is_ca = is_ca;
  return out;
}

// NCRYPT_TPM_PLATFORM_ATTESTATION_STATEMENT (ncrypt.h).
Bytes PlatformClaim(View signature, View quote, const TpmLogs& logs) {
  Bytes pcrs;
  for (const auto& [pcr, value] : logs.pcrs) Append(pcrs, value);
  Bytes out = ToBytes(AsBytes("ALPT"));
  AppendLe(out, 0, 4);
  AppendLe(out, kSha256, 4);
  AppendLe(out, signature.size(), 4);
  AppendLe(out, quote.size(), 4);
  AppendLe(out, pcrs.size(), 4);
  Append(out, signature);
  Append(out, quote);
  Append(out, pcrs);
  return out;
}

// TPMT_SIGNATURE by RSASSA over SHA-256.
Bytes Rsassa(View raw) {
  Bytes out;
  AppendBe(out, 0x0014, 2);
  AppendBe(out, kSha256, 2);
  AppendSized(out, raw);
  return out;
}

json::Array PcrArray(const TpmLogs& logs) {
  json::Array values;
  for (const auto& [pcr, value] : logs.pcrs) {
    values.emplace_back(
        json::Object{{"index", static_cast<std::int64_t>(pcr)}, {"digest", Url(value)}});
  }
  return {json::Object{{"algorithm", std::int64_t{kSha256}}, {"values", std::move(values)}}};
}

Bytes BoundNonce(const json::Object& jwk, View challenge) {
  Bytes bound = ToBytes(AsBytes(json::Write(jwk)));
  bound.push_back(std::byte{0});
  Append(bound, challenge);
  return ToBytes(Sha256(bound));
}

}  // namespace

struct SimulatedTpmClient::Quoted {
  TpmLogs logs;
  Bytes quote, signature;
};

Result<SimulatedTpmClient> SimulatedTpmClient::Make() {
  // RSA takes a while to make: once per process.
  static const Result<std::vector<SigningKey>> keys = []() -> Result<std::vector<SigningKey>> {
    std::vector<SigningKey> out;
    for (int i = 0; i < 3; ++i) out.push_back(TRY(SigningKey::Generate(KeyType::kRsa2048)));
    return out;
  }();
  const std::vector<SigningKey> made = TRY(keys);
  SimulatedTpmClient out(made[0], made[1], made[2]);
  out.jwk_ = JwkOf(TRY(out.request_.Public()));
  const PublicParameters ak = TRY(out.ak_.Public());
  const PublicKey subject = TRY(RsaPublicKey(ak.n, ak.e));
  const VendorKey root_key = TRY(VendorKey::Generate(VendorKeyType::kP256));
  const CertificatePtr root =
      TRY(BuildCertificate(ClientSpec("Simulated AIK CA", true), root_key, root_key, nullptr));
  CertificateSpec spec = ClientSpec("Simulated AIK", false);
  out.plain_certificate_ = TRY(BuildCertificate(spec, subject, root_key, root.get()));
  spec.extensions = {{"2.5.29.37", AikPurpose()}};
  out.certificate_ = TRY(BuildCertificate(spec, subject, root_key, root.get()));
  AddCertificate(out.world_, "tpm_root.pem", root);
  const Validity validity = Around(90);
  TRY_VOID(AddCrl(out.world_, "tpm_root.crl",
                  TRY(BuildCrl({validity.from, validity.to, {}}, *root, root_key))));
  out.world_.roots.tpm = {root->key().SpkiDigest()};
  out.world_.at = kAt;
  return out;
}

Result<SimulatedTpmClient> SimulatedTpmClient::MakeWithEnclave() {
  SimulatedTpmClient out = TRY(Make());
  const TpmBoot boot = TRY(WindowsBootOf(out.other_, {}, out.world_));
  out.windows_authority_ = boot.windows_authority;
  out.identity_key_ = boot.identity_key;
  return out;
}

Result<SimulatedTpmClient::Quoted> SimulatedTpmClient::QuoteFor(View nonce,
                                                                std::string_view fault) const {
  Order order;
  order.fault = fault;
  order.boot.windows_authority = windows_authority_;
  order.boot.identity_key = identity_key_;
  Quoted out{MakeTpmLogs(order), {}, {}};
  for (unsigned pcr = 15; pcr < tcg::kPcrCount; ++pcr) {
    out.logs.pcrs[pcr] = tcg::StartValue(tcg::HashAlgorithm::kSha256, pcr);
  }
  TpmLogs quoted = out.logs;
  if (fault == "quote.required_pcrs") quoted.pcrs.erase(23);
  const Bytes other = Filler("another nonce", 32);
  out.quote =
      QuoteOf(quoted, Filler("signer", 34), fault == "quote.nonce" ? View(other) : nonce, order, 7);
  out.signature = Rsassa(TRY((fault == "quote.signature" ? other_ : ak_).Sign(out.quote)));
  return out;
}

Result<json::Object> SimulatedTpmClient::TpmData1(View challenge, std::string_view fault) const {
  const Quoted quoted = TRY(QuoteFor(challenge, fault));
  const CertificatePtr& certificate = fault == "ak.purpose" ? plain_certificate_ : certificate_;
  json::Object out{
      {"srtm_boot_log", Url(quoted.logs.event_log)},
      {"srtm_resume_log", ""},
      {"aik_pub", JwkOf(TRY(ak_.Public()))},
      {"current_claim", Url(PlatformClaim(quoted.signature, quoted.quote, quoted.logs))}};
  if (fault != "ak.trust") out.emplace_back("aik_cert", Url(certificate->der()));
  return out;
}

Result<json::Object> SimulatedTpmClient::TpmData2(View challenge, std::string_view fault) const {
  const json::Object other = JwkOf(TRY(other_.Public()));
  const Bytes nonce = BoundNonce(fault == "request_key.binding" ? other : jwk_, challenge);
  const Quoted quoted = TRY(QuoteFor(nonce, fault));
  return json::Object{
      {"current_attestation",
       json::Object{{"logs", json::Array{json::Object{{"type", "TCG"},
                                                      {"log", Url(quoted.logs.event_log)}}}},
                    {"aik_cert", Url(certificate_->der())},
                    {"aik_pub", JwkOf(TRY(ak_.Public()))},
                    {"pcrs", PcrArray(quoted.logs)},
                    {"quote", Url(quoted.quote)},
                    {"signature", Url(quoted.signature)}}}};
}

// A key that is in the TPM, with the attestation key's word for it.
Result<json::Value> SimulatedTpmClient::OtherKey(View challenge, std::string_view fault) const {
  constexpr std::uint32_t kFixed = 0x00040072;  // fixedTPM, fixedParent, sensitiveDataOrigin, sign
  const PublicParameters key = TRY(other_.Public());
  const Bytes area = RsaArea(key, kFixed, {});
  const Bytes name = fault == "certified_key.name" ? Filler("another key", 34) : NameOfArea(area);
  const Bytes stale = Filler("another nonce", 32);
  const Bytes certification = CertificationOf(
      name, Filler("signer", 34), fault == "certified_key.nonce" ? View(stale) : challenge);
  const SigningKey& by = fault == "certified_key.signature" ? request_ : ak_;
  return json::Value(json::Object{
      {"jwk", JwkOf(key)},
      {"info",
       json::Object{{"tpm_certify",
                     json::Object{{"public", Url(area)},
                                  {"certification", Url(certification)},
                                  {"signature", Url(Rsassa(TRY(by.Sign(certification))))}}}}}});
}

Result<json::Object> SimulatedTpmClient::Statement(TpmProtocol version,
                                                   const json::Value& challenge,
                                                   std::string_view fault) const {
  const std::string text = TRY(challenge.String("challenge", "challenge message"));
  const Bytes nonce = TRY(Base64UrlDecode(text));
  json::Object out{{"rp_id", "https://relying.example"},
                   {"rp_data", Url(AsBytes("relying party"))},
                   {"challenge", text}};
  if (version == TpmProtocol::kVersion1) {
    out.emplace_back("tpm_att_data", TRY(TpmData1(nonce, fault)));
    out.emplace_back("attest_key", jwk_);
  } else {
    out.emplace_back("tpm_att_data", TRY(TpmData2(nonce, fault)));
    out.emplace_back(
        "request_key",
        json::Object{{"jwk", jwk_},
                     {"info", json::Object{{"tpm_quote", json::Object{{"hash_alg", "sha-256"}}}}}});
    out.emplace_back("other_keys", json::Array{TRY(OtherKey(nonce, fault))});
  }
  out.emplace_back(
      "custom_claims",
      json::Array{json::Object{{"name", "team"}, {"value", "payments"}, {"value_type", "string"}}});
  out.emplace_back("service_context", TRY(challenge.String("service_context", "challenge")));
  return out;
}

Result<std::string> SimulatedTpmClient::Sign(TpmProtocol version, const json::Object& payload,
                                             std::string_view fault) const {
  const json::Object header{{"alg", fault == "jws.alg" ? "RS512" : "PS256"},
                            {"typ", version == TpmProtocol::kVersion1 ? "attReq" : "attReqV2"}};
  const std::string signed_part = Base64UrlEncode(AsBytes(json::Write(header))) + "." +
                                  Base64UrlEncode(AsBytes(json::Write(payload)));
  const SigningKey& by = fault == "jws.signature" ? other_ : request_;
  return signed_part + "." + Base64UrlEncode(TRY(SignRsaPss(by, AsBytes(signed_part))));
}

Result<std::string> SimulatedTpmClient::Answer(TpmProtocol version, const json::Value& challenge,
                                               std::string_view fault) const {
  json::Object statement = TRY(Statement(version, challenge, fault));
  if (windows_authority_.empty()) {
    return Sign(version, {{"att_type", "basic"}, {"att_data", std::move(statement)}}, fault);
  }
  Order order;
  order.fault = fault;
  const SigningKey& signer = fault == "vbs.signature" ? ak_ : other_;
  const Bytes report = TRY(VbsReport(AsBytes(json::Write(statement)), signer, order));
  json::Value sent = Url(report);
  if (version == TpmProtocol::kVersion2) {
    sent = json::Object{{"enclave", json::Object{{"report", std::move(sent)}}}};
  }
  return Sign(version,
              {{"att_type", "vbs"},
               {"att_data", json::Object{{"report_signed", std::move(statement)},
                                         {"vsm_report", std::move(sent)}}}},
              fault);
}

}  // namespace assay::simulate
