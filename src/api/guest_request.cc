#include "api/guest_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/aes_gcm.h"
#include "crypto/rsa_cipher.h"
#include "tee/tcg/replay.h"
#include "tee/tpm/structures.h"

namespace assay {
namespace {

constexpr std::string_view kGuestProtocol = "2.0";

tl::unexpected<Error> BadGuest(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, "attestationInfo: " + std::move(message));
}

// Azure's own clients disagree about the alphabet.
Result<Bytes> EitherBase64(std::string_view text) {
  const bool standard = text.find_first_of("+/") != std::string_view::npos;
  return standard ? Base64Decode(text) : Base64UrlDecode(text);
}

Result<Bytes> Binary(const json::Value& object, std::string_view name) {
  return EitherBase64(TRY(object.String(name, "attestationInfo")));
}

Result<const json::Value*> Member(const json::Value& object, std::string_view name) {
  const json::Value* const value = object.Find(name);
  if (value == nullptr || value->AsObject() == nullptr) {
    return BadGuest(fmt::format("expected an object \"{}\"", name));
  }
  return value;
}

Result<json::Value> InfoIn(std::string_view body) {
  const json::Value document = TRY(json::Parse(body));
  // The API's own spelling, and that of its clients.
  const char* const name =
      document.Find("attestationInfo") != nullptr ? "attestationInfo" : "AttestationInfo";
  const Bytes info = TRY(EitherBase64(TRY(document.String(name, "body"))));
  const json::Value out = TRY(json::Parse(AsText(info)));
  const std::string version = TRY(out.String("AttestationProtocolVersion", "attestationInfo"));
  if (version != kGuestProtocol) {
    return Fail(
        ErrorCode::kUnsupported,
        "attestationInfo: expected AttestationProtocolVersion 2.0, found " + version.substr(0, 16));
  }
  return out;
}

// TPMT_SIGNATURE around what the clients send: the bare signature by RSASSA over SHA-256.
Bytes RsaSignature(View raw) {
  const ByteArray<6> head = {std::byte{0x00},
                             std::byte{0x14},
                             std::byte{0x00},
                             std::byte{0x0B},
                             static_cast<std::byte>(raw.size() >> 8U),
                             static_cast<std::byte>(raw.size() & 0xFFU)};
  Bytes out(head.size() + raw.size());
  std::copy(raw.begin(), raw.end(), std::copy(head.begin(), head.end(), out.begin()));
  return out;
}

json::Value Encoded(View bytes) { return Base64UrlEncode(bytes); }

// One bank, which the size of its values names.
Result<json::Object> PcrsIn(const json::Value& tpm) {
  json::Object values;
  std::string bank;
  for (const json::Value& one : *TRY(tpm.List("PCRs", "TpmInfo"))) {
    const Bytes digest = TRY(Binary(one, "Digest"));
    const char* const of = digest.size() == 32 ? "sha256" : digest.size() == 48 ? "sha384" : "sha1";
    if (!bank.empty() && bank != of) return BadGuest("PCRs: expected one bank, found two");
    bank = of;
    const std::string index = std::to_string(TRY(one.Int("Index", "PCRs")));
    for (const auto& [other, value] : values) {
      if (other == index) return BadGuest("PCRs: an index stands there twice");
    }
    values.emplace_back(index, HexEncode(digest));
    if (values.size() > tcg::kPcrCount) return BadGuest("PCRs: more than a TPM has");
  }
  return json::Object{{bank, std::move(values)}};
}

Result<void> AddTpmInfo(const json::Value& info, const json::Value& tpm, json::Object& out) {
  const Bytes quote_signature = TRY(Binary(tpm, "PcrSignature"));
  const Bytes certify_signature = TRY(Binary(tpm, "EncKeyCertifyInfoSignature"));
  if (std::max(quote_signature.size(), certify_signature.size()) > 0xFFFF) {
    return BadGuest("a signature is longer than any key");
  }
  const Bytes quote = TRY(Binary(tpm, "PcrQuote"));
  out.emplace_back(
      "quotes", json::Array{json::Object{{"message", Encoded(quote)},
                                         {"signature", Encoded(RsaSignature(quote_signature))}}});
  out.emplace_back("pcrs", TRY(PcrsIn(tpm)));
  const Bytes area = TRY(Binary(tpm, "EncKeyPub"));
  const Bytes certification = TRY(Binary(tpm, "EncKeyCertifyInfo"));
  out.emplace_back("certified_keys", json::Array{json::Object{
                                         {"public", Encoded(area)},
                                         {"certification", Encoded(certification)},
                                         {"signature", Encoded(RsaSignature(certify_signature))}}});
  const json::Value* const log = info.Find("TcgLogs");
  if (log != nullptr && !log->is_null()) {
    out.emplace_back("event_log", Encoded(TRY(Binary(info, "TcgLogs"))));
  }
  return {};
}

// A virtual machine with a virtual TPM, whose key has a certificate.
Result<void> AddTrustedLaunch(const json::Value& tpm, json::Object& evidence, AttestRequest& out) {
  out.scheme = "tpm";
  evidence.emplace_back("assay-evidence", "tpm/1");
  evidence.emplace_back("ak", Encoded(TRY(Binary(tpm, "AikPub"))));
  const Bytes certificate = TRY(Binary(tpm, "AikCert"));
  if (!certificate.empty()) {
    evidence.emplace_back("ak_certificates", json::Array{Encoded(certificate)});
  }
  return {};
}

Result<void> ReadSnpProof(View proof, json::Object& evidence, AttestRequest& out) {
  const json::Value document = TRY(json::Parse(AsText(proof)));
  evidence.emplace_back("snp_report", Encoded(TRY(Binary(document, "SnpReport"))));
  const json::Value* const chain = document.Find("VcekCertChain");
  if (chain == nullptr || chain->is_null()) return {};
  const Bytes pem = TRY(Binary(document, "VcekCertChain"));
  out.certificates = TRY(CertificatesFromPem(AsText(pem)));
  if (out.certificates.size() > limits::kCertificatesInChain) {
    return BadGuest("VcekCertChain: more certificates than a chain has");
  }
  return {};
}

// The processor's report vouches for the runtime data, and these for the key of the virtual TPM.
Result<void> AddConfidential(const json::Value& isolation, bool snp, json::Object& evidence,
                             AttestRequest& out) {
  out.scheme = "azure";
  const json::Value& data = *TRY(Member(isolation, "Evidence"));
  evidence.emplace_back("assay-evidence", "azure/1");
  evidence.emplace_back("runtime_data", Encoded(TRY(Binary(data, "RunTimeData"))));
  const Bytes proof = TRY(Binary(data, "Proof"));
  if (snp) return ReadSnpProof(proof, evidence, out);
  evidence.emplace_back("td_quote", Encoded(proof));
  return {};
}

Result<void> AddIsolation(const json::Value& info, const json::Value& tpm, json::Object& evidence,
                          AttestRequest& out) {
  const json::Value& isolation = *TRY(Member(info, "IsolationInfo"));
  const std::string type = TRY(isolation.String("Type", "IsolationInfo"));
  if (type == "TrustedLaunch") return AddTrustedLaunch(tpm, evidence, out);
  if (type == "SevSnp") return AddConfidential(isolation, true, evidence, out);
  if (type == "TDX" || type == "Tdx") return AddConfidential(isolation, false, evidence, out);
  return Fail(
      ErrorCode::kUnsupported,
      "IsolationInfo.Type: expected TrustedLaunch, SevSnp or TDX, found " + type.substr(0, 32));
}

// What the machine says of its system. Nothing proves it.
Result<void> AddSystem(const json::Value& info, AttestRequest& out) {
  struct Name {
    const char* azure;
    const char* claim;
  };
  for (const Name& name :
       {Name{"OSType", "x-ms-azurevm-ostype"}, Name{"OSDistro", "x-ms-azurevm-osdistro"},
        Name{"OSBuild", "x-ms-azurevm-osbuild"}}) {
    if (info.Find(name.azure) == nullptr) continue;
    const Bytes text = TRY(Binary(info, name.azure));
    out.custom_claims.emplace_back(name.claim, AsText(text));
  }
  for (const Name& name : {Name{"OSVersionMajor", "x-ms-azurevm-osversion-major"},
                           Name{"OSVersionMinor", "x-ms-azurevm-osversion-minor"}}) {
    if (info.Find(name.azure) == nullptr) continue;
    out.custom_claims.emplace_back(name.claim, TRY(info.Int(name.azure, "attestationInfo")));
  }
  out.token_claims = out.custom_claims;
  return {};
}

// {"client-payload", "keys": [the sealing key]}, as Azure's tokens have it.
Result<json::Value> RuntimeOf(const json::Value& info, View modulus) {
  json::Object out;
  if (const json::Value* const payload = info.Find("ClientPayload")) {
    if (payload->AsObject() != nullptr && !payload->AsObject()->empty()) {
      out.emplace_back("client-payload", *payload);
    }
  }
  out.emplace_back("keys", json::Array{json::Object{{"e", "AQAB"},
                                                    {"key_ops", json::Array{"encrypt"}},
                                                    {"kid", "TpmEphemeralEncryptionKey"},
                                                    {"kty", "RSA"},
                                                    {"n", Base64UrlEncode(modulus)}}});
  return json::Value(std::move(out));
}

}  // namespace

Result<GuestRequest> ParseGuestRequest(std::string_view body) {
  const json::Value info = TRY(InfoIn(body));
  const json::Value& tpm = *TRY(Member(info, "TpmInfo"));
  const Bytes area = TRY(Binary(tpm, "EncKeyPub"));
  const tpm::PublicArea sealing = TRY(tpm::ParsePublicArea(area));
  constexpr ByteArray<3> kExponent = {std::byte{1}, std::byte{0}, std::byte{1}};
  if (sealing.modulus.empty() || sealing.exponent != 65537) {
    return BadGuest("EncKeyPub: expected an RSA key of the exponent 65537");
  }
  AsymmetricKey sealing_key =
      TRY(AsymmetricKey::FromRsa({ToBytes(sealing.modulus), ToBytes(kExponent)}));
  GuestRequest out{{}, std::move(sealing_key)};
  out.attest.type = policy::AttestationType::kAzureGuest;
  json::Object evidence;
  TRY_VOID(AddIsolation(info, tpm, evidence, out.attest));
  TRY_VOID(AddTpmInfo(info, tpm, evidence));
  TRY_VOID(AddSystem(info, out.attest));
  out.attest.runtime_claim = TRY(RuntimeOf(info, sealing.modulus));
  out.attest.evidence = ToBytes(AsBytes(json::Write(evidence)));
  out.attest.expectations.sealing_key = true;
  // The policy decides; the default one demands it.
  out.attest.expectations.allow_secure_boot_off = true;
  return out;
}

Result<std::string> SealToken(std::string_view token, const AsymmetricKey& key) {
  constexpr std::size_t kInnerKeyBytes = 32;
  const SecretBytes inner = TRY(RandomSecret(kInnerKeyBytes));
  const GcmSealed sealed = TRY(SealGcm(inner.view(), AsBytes("Transport Key"), AsBytes(token)));
  const Bytes wrapped = TRY(EncryptRsa(key, RsaCipher::kPkcs1, inner.view()));
  const json::Object params{{"BlockMode", "ChainingModeGCM"},
                            {"BlockPadding", "PKCS7"},
                            {"Cipher", "AES"},
                            {"KeySizeInBits", 256},
                            {"Iv", Base64Encode(sealed.iv)}};
  return Base64UrlEncode(
      AsBytes(json::Write(json::Object{{"Jwt", Base64Encode(sealed.text)},
                                       {"EncryptedInnerKey", Base64Encode(wrapped)},
                                       {"EncryptionParams", params},
                                       {"AuthenticationData", Base64Encode(sealed.tag)}})));
}

}  // namespace assay
