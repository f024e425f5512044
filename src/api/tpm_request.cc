#include "api/tpm_request.h"

#include <fmt/format.h>

#include <array>

#include "api/tpm_evidence.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "tee/tpm/structures.h"
#include "token/jws_verify.h"

namespace assay {
namespace {

tl::unexpected<Error> BadRequest(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, "TPM request: " + std::move(message));
}

// What the sender's key vouches for, as JSON and as it was sent.
struct Statement {
  bool version2 = false;
  bool vbs = false;
  std::string text;
  json::Value data;
  std::string report;  // of the enclave, base64url; vbs only
};

Result<std::string> EnclaveReport(const json::Value& att_data, bool version2) {
  if (!version2) return att_data.String("vsm_report", "att_data");
  const json::Value* const report = att_data.Find("vsm_report");
  const json::Value* const enclave = report != nullptr ? report->Find("enclave") : nullptr;
  if (enclave == nullptr) return BadRequest("vsm_report: expected {\"enclave\": {\"report\"}}");
  return enclave->String("report", "vsm_report.enclave");
}

Result<Statement> ReadStatement(std::string_view payload, bool version2) {
  Statement out;
  out.version2 = version2;
  const json::Value document = TRY(json::Parse(payload));
  const std::string type = TRY(document.String("att_type", "TPM request"));
  out.vbs = type == "vbs" || type == "vsm";
  if (!out.vbs && type != "basic" && type != "tpm") {
    return BadRequest("att_type: expected basic, tpm or vbs, found " + type.substr(0, 32));
  }
  out.text = TRY(json::RawMember(payload, "att_data"));
  if (out.vbs) {
    out.report = TRY(EnclaveReport(TRY(json::Parse(out.text)), version2));
    out.text = TRY(json::RawMember(out.text, "report_signed"));
  }
  out.data = TRY(json::Parse(out.text));
  return out;
}

// The key that has to sign: {"kty"...} of version 1, {"jwk": {"kty"...}, "info"} of version 2.
Result<std::string> SigningKeyText(const Statement& statement) {
  if (!statement.version2) return json::RawMember(statement.text, "attest_key");
  return json::RawMember(TRY(json::RawMember(statement.text, "request_key")), "jwk");
}

// The payload is read before it is verified, to find the key; then only as verified.
Result<std::string> UnverifiedPayload(std::string_view jws) {
  const std::size_t first = jws.find('.');
  const std::size_t second = first == std::string_view::npos ? first : jws.find('.', first + 1);
  if (second == std::string_view::npos) return BadRequest("expected a JWS of three parts");
  return std::string(AsText(TRY(Base64UrlDecode(jws.substr(first + 1, second - first - 1)))));
}

bool IsVersion2(const json::Value& header) {
  const json::Value* const type = header.Find("typ");
  return type != nullptr && type->AsString() != nullptr && *type->AsString() == "attReqV2";
}

Result<Statement> VerifiedStatement(std::string_view text) {
  const UnverifiedJws jws = TRY(ParseJws(text));
  const std::string unverified = TRY(UnverifiedPayload(text));
  const std::size_t dot = text.find('.');
  const json::Value header = TRY(json::Parse(AsText(TRY(Base64UrlDecode(text.substr(0, dot))))));
  const json::Value* const type = header.Find("typ");
  const bool version2 = IsVersion2(header);
  if (!version2 &&
      (type == nullptr || type->AsString() == nullptr || *type->AsString() != "attReq")) {
    return BadRequest("typ: expected attReq or attReqV2 in the header of the JWS");
  }
  Statement out = TRY(ReadStatement(unverified, version2));
  VerificationKey key = TRY(ParseJwk(TRY(json::Parse(TRY(SigningKeyText(out))))));
  // An RSA key without "alg" may sign either way; the protocol's own is PS256.
  if (key.key.IsEc(Curve::kP256) || key.key.IsEc(Curve::kP384)) {
    return BadRequest("expected an RSA key that signs by PS256 or RS256");
  }
  key.algorithms = {JwsAlgorithm::kPs256, JwsAlgorithm::kRs256};
  TRY(VerifyJws(jws, key));
  return out;
}

struct HashName {
  std::string_view protocol, evidence;
};

Result<json::Value> QuoteBinding(const json::Value& tpm_quote, std::string_view jwk) {
  constexpr std::array<HashName, 3> kHashes = {
      {{"sha-256", "sha256"}, {"sha-384", "sha384"}, {"sha-512", "sha512"}}};
  const std::string name = TRY(tpm_quote.String("hash_alg", "tpm_quote"));
  for (const HashName& hash : kHashes) {
    if (hash.protocol != name) continue;
    return json::Value(
        json::Object{{"hash", hash.evidence}, {"data", Base64UrlEncode(AsBytes(jwk))}});
  }
  return Fail(ErrorCode::kUnsupported, "tpm_quote.hash_alg: expected sha-256, sha-384 or sha-512");
}

// A key object as policies see it: what the TPM certified in words, and the same key.
Result<json::Value> CertifiedForPolicy(const json::Value& jwk, const json::Value& tpm_certify) {
  const Bytes bytes = TRY(Base64UrlDecode(TRY(tpm_certify.String("public", "tpm_certify"))));
  const tpm::PublicArea area = TRY(tpm::ParsePublicArea(bytes));
  const VerificationKey key = TRY(ParseJwk(jwk));
  if (key.key.SpkiDigest() != area.key.SpkiDigest()) {
    return BadRequest("tpm_certify.public: expected the key of the jwk beside it, found another");
  }
  json::Object info{{"name_alg", std::int64_t{static_cast<std::uint16_t>(area.name_algorithm)}},
                    {"obj_attr", std::int64_t{area.attributes}}};
  if (!area.auth_policy.empty()) {
    info.emplace_back("auth_policy", Base64UrlEncode(area.auth_policy));
  }
  return json::Value(json::Object{{"tpm_certify", std::move(info)}});
}

const json::Value* InfoOf(const json::Value& key, std::string_view name) {
  const json::Value* const info = key.Find("info");
  return info != nullptr ? info->Find(name) : nullptr;
}

// One key object: what the evidence needs of it, and what policies see.
Result<json::Value> TakeKey(const json::Value& key, std::string_view jwk_text, bool requests,
                            json::Object& evidence, json::Array& certified) {
  const json::Value jwk = TRY(json::Parse(jwk_text));
  json::Object seen{{"jwk", jwk}};
  if (const json::Value* const quote = InfoOf(key, "tpm_quote")) {
    if (!requests) return BadRequest("other_keys: a quote binds the request_key only");
    evidence.emplace_back("quote_binding", TRY(QuoteBinding(*quote, jwk_text)));
    seen.emplace_back("info", json::Object{{"tpm_quote", *quote}});
  } else if (const json::Value* const certify = InfoOf(key, "tpm_certify")) {
    certified.push_back(TRY(CertifiedKeyMember(*certify)));
    seen.emplace_back("info", TRY(CertifiedForPolicy(jwk, *certify)));
  } else if (requests) {
    return BadRequest("request_key: expected info.tpm_quote or info.tpm_certify, which bind it");
  }
  return json::Value(std::move(seen));
}

Result<void> TakeKeys(const Statement& statement, json::Object& evidence, AttestRequest& out) {
  const json::Value* const request_key = statement.data.Find("request_key");
  json::Array certified, others;
  out.policy_claims.emplace_back(
      "x-ms-tpm-request-key",
      TRY(TakeKey(*request_key, TRY(SigningKeyText(statement)), true, evidence, certified)));
  if (statement.data.Find("other_keys") != nullptr) {
    const json::Array& keys = *TRY(statement.data.List("other_keys", "att_data"));
    if (keys.size() + 1 > limits::kCertifiedKeys) return BadRequest("other_keys: more than two");
    for (const json::Value& key : keys) {
      const json::Value* const jwk = key.Find("jwk");
      if (jwk == nullptr) return BadRequest("other_keys: expected a jwk");
      others.push_back(TRY(TakeKey(key, json::Write(*jwk), false, evidence, certified)));
    }
    out.policy_claims.emplace_back("x-ms-tpm-other-keys", std::move(others));
  }
  if (!certified.empty()) evidence.emplace_back("certified_keys", std::move(certified));
  return {};
}

Result<json::Value> CustomValue(const json::Value& claim) {
  const std::string type = TRY(claim.String("value_type", "custom_claims"));
  const json::Value* const value = claim.Find("value");
  if (value == nullptr) return BadRequest("custom_claims: expected a value");
  const bool fits = (type == "string" && value->AsString() != nullptr) ||
                    (type == "integer" && value->AsInt() != nullptr) ||
                    (type == "boolean" && value->AsBool() != nullptr);
  if (!fits) return BadRequest("custom_claims: expected a string, integer or boolean as its type");
  return *value;
}

// Under a URL of this service, so that none is taken for a claim of its own.
Result<void> TakeCustomClaims(const json::Value& data, std::string_view issuer,
                              AttestRequest& out) {
  if (data.Find("custom_claims") == nullptr) return {};
  const json::Array& claims = *TRY(data.List("custom_claims", "att_data"));
  if (claims.size() > limits::kCustomClaims) return BadRequest("custom_claims: too many");
  for (const json::Value& claim : claims) {
    const std::string name = TRY(claim.String("name", "custom_claims"));
    out.custom_claims.emplace_back(fmt::format("{}/custom-claims/{}", issuer, name),
                                   TRY(CustomValue(claim)));
  }
  return {};
}

Result<void> TakeRelyingPartyData(const json::Value& data, AttestRequest& out) {
  const json::Value* const rp_data = data.Find("rp_data");
  if (rp_data == nullptr || rp_data->is_null()) return {};
  const std::string text = TRY(data.String("rp_data", "att_data"));
  if (text.size() > limits::kRelyingPartyBytes || !Base64UrlDecode(text)) {
    return BadRequest(fmt::format("rp_data: expected base64url of at most {} characters",
                                  limits::kRelyingPartyBytes));
  }
  out.token_claims.emplace_back("rp_data", text);
  return {};
}

Result<void> TakeEvidence(const Statement& statement, AttestRequest& out) {
  const json::Value* const tpm = statement.data.Find("tpm_att_data");
  if (tpm == nullptr) return BadRequest("expected tpm_att_data");
  json::Object evidence = TRY(statement.version2 ? TpmEvidenceV2(*tpm) : TpmEvidenceV1(*tpm));
  if (statement.version2) TRY_VOID(TakeKeys(statement, evidence, out));
  if (statement.vbs) {
    evidence.emplace_back("statement", Base64UrlEncode(AsBytes(statement.text)));
    evidence.emplace_back("report", statement.report);
  }
  out.type = statement.vbs ? policy::AttestationType::kVbsEnclave : policy::AttestationType::kTpm;
  out.scheme = statement.vbs ? "vbs" : "tpm";
  evidence.insert(evidence.begin(), {"assay-evidence", statement.vbs ? "vbs/1" : "tpm/1"});
  out.evidence = ToBytes(AsBytes(json::Write(evidence)));
  // Of version 1 only an enclave's report binds the key; a TPM's quote says nothing of it.
  if (statement.version2 || statement.vbs) {
    json::Value jwk = TRY(json::Parse(TRY(SigningKeyText(statement))));
    out.token_claims.emplace_back("cnf", json::Object{{"jwk", std::move(jwk)}});
  }
  return {};
}

}  // namespace

Result<TpmMessage> ParseTpmMessage(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  const json::Value* const payload = document.Find("payload");
  const json::Value& message = payload != nullptr ? *payload : document;
  TpmMessage out;
  out.wrapped = payload != nullptr;
  if (message.Find("request") != nullptr) {
    out.request = TRY(message.String("request", "TPM message"));
    return out;
  }
  const std::string type = TRY(message.String("type", "TPM message"));
  if (type != "aikcert") {
    return Fail(ErrorCode::kUnsupported,
                "TPM message: expected type aikcert or a request, found " + type.substr(0, 32));
  }
  return out;
}

Result<TpmRequest> ParseTpmRequest(std::string_view jws, std::string_view issuer) {
  constexpr std::uint32_t kAllPcrs = 0xFFFFFF;
  const Statement statement = TRY(VerifiedStatement(jws));
  TpmRequest out;
  out.challenge = TRY(Base64UrlDecode(TRY(statement.data.String("challenge", "att_data"))));
  out.service_context =
      TRY(Base64UrlDecode(TRY(statement.data.String("service_context", "att_data"))));
  TRY_VOID(TakeEvidence(statement, out.attest));
  TRY_VOID(TakeRelyingPartyData(statement.data, out.attest));
  TRY_VOID(TakeCustomClaims(statement.data, issuer, out.attest));
  out.attest.expectations.report_data = out.challenge;
  // The default of required_pcr_mask (policy-version-1-1.md).
  out.attest.expectations.required_pcrs = kAllPcrs;
  // Whether it has to be on is the policy's to say: there is no default policy. An enclave is worth
  // nothing without.
  out.attest.expectations.allow_secure_boot_off = !statement.vbs;
  return out;
}

}  // namespace assay
