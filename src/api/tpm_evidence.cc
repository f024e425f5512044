#include "api/tpm_evidence.h"

#include <fmt/format.h>

#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "tee/tcg/hash_algorithm.h"
#include "tee/tcg/replay.h"
#include "tee/tpm/platform_claim.h"

namespace assay {
namespace {

constexpr std::string_view kWhere = "tpm_att_data";

tl::unexpected<Error> Unsupported(std::string message) {
  return Fail(ErrorCode::kUnsupported, "tpm_att_data: " + std::move(message));
}

json::Value TextOf(View bytes) { return Base64UrlEncode(bytes); }

// The key, and its certificate if one came.
Result<void> AddKey(const json::Value& data, json::Object& out) {
  const json::Value* const key = data.Find("aik_pub");
  if (key == nullptr) return Fail(ErrorCode::kInvalidArgument, "aik_pub: expected a JWK");
  json::Object jwk;
  for (const char* member : {"kty", "n", "e"}) {
    jwk.emplace_back(member, TRY(key->String(member, "aik_pub")));
  }
  out.emplace_back("ak_jwk", std::move(jwk));
  const json::Value* const certificate = data.Find("aik_cert");
  if (certificate == nullptr || certificate->is_null()) return {};
  const std::string text = TRY(data.String("aik_cert", kWhere));
  if (!text.empty()) out.emplace_back("ak_certificates", json::Array{text});
  return {};
}

json::Object ValuesOf(const tcg::PcrValues& pcrs) {
  json::Object out;
  for (const auto& [pcr, value] : pcrs) out.emplace_back(std::to_string(pcr), HexEncode(value));
  return out;
}

bool IsEmpty(const json::Value& data, std::string_view name) {
  const json::Value* const value = data.Find(name);
  return value == nullptr || value->is_null() ||
         (value->AsString() != nullptr && value->AsString()->empty());
}

// Each log once: to join two, one would have to know what was extended between them.
Result<void> AddLogs(const json::Value& attestation, json::Object& out) {
  const json::Array& logs = *TRY(attestation.List("logs", "current_attestation"));
  if (logs.size() > limits::kBootLogs) return Unsupported("more than two logs");
  for (const json::Value& log : logs) {
    const std::string type = TRY(log.String("type", "logs"));
    const bool ima = type == "IMA";
    if (!ima && type != "TCG") return Unsupported("a log of another type than TCG and IMA");
    const char* const member = ima ? "ima_log" : "event_log";
    for (const auto& [name, value] : out) {
      if (name == member) return Unsupported("two logs of type " + type);
    }
    out.emplace_back(member, TRY(log.String("log", "logs")));
  }
  return {};
}

Result<json::Object> PcrBank(const json::Value& bank, tcg::HashAlgorithm algorithm) {
  json::Object out;
  for (const json::Value& one : *TRY(bank.List("values", "pcrs"))) {
    const std::int64_t index = TRY(one.Int("index", "pcrs"));
    const std::string digest = TRY(one.String("digest", "pcrs"));
    const std::string name = std::to_string(index);
    for (const auto& [other, value] : out) {
      if (other == name) return Fail(ErrorCode::kMalformed, "pcrs: an index stands there twice");
    }
    out.emplace_back(name, HexEncode(TRY(Base64UrlDecode(digest))));
  }
  if (out.size() > tcg::kPcrCount) {
    return Fail(ErrorCode::kMalformed, fmt::format("pcrs: too many of {}", tcg::Name(algorithm)));
  }
  return out;
}

Result<json::Object> PcrBanks(const json::Value& attestation) {
  json::Object out;
  for (const json::Value& bank : *TRY(attestation.List("pcrs", "current_attestation"))) {
    const std::int64_t id = TRY(bank.Int("algorithm", "pcrs"));
    const auto algorithm = id >= 0 && id <= 0xFFFF
                               ? tcg::HashAlgorithmOf(static_cast<std::uint16_t>(id))
                               : std::nullopt;
    if (!algorithm) return Unsupported(fmt::format("PCR algorithm {} is not known", id));
    for (const auto& [name, value] : out) {
      if (name == tcg::Name(*algorithm)) {
        return Fail(ErrorCode::kMalformed, "pcrs: a bank stands there twice");
      }
    }
    out.emplace_back(tcg::Name(*algorithm), TRY(PcrBank(bank, *algorithm)));
  }
  return out;
}

}  // namespace

Result<json::Object> TpmEvidenceV1(const json::Value& data) {
  for (const char* log : {"srtm_resume_log", "drtm_boot_log", "drtm_resume_log"}) {
    if (!IsEmpty(data, log)) {
      return Unsupported(
          fmt::format("{}: logs of a resume or a dynamic launch are not judged", log));
    }
  }
  const Bytes bytes = TRY(Base64UrlDecode(TRY(data.String("current_claim", kWhere))));
  const tpm::PlatformClaim claim = TRY(tpm::ParsePlatformClaim(bytes));
  json::Object out;
  TRY_VOID(AddKey(data, out));
  out.emplace_back("quotes", json::Array{json::Object{{"message", TextOf(claim.quote)},
                                                      {"signature", TextOf(claim.signature)}}});
  out.emplace_back("pcrs",
                   json::Object{{std::string(tcg::Name(claim.bank)), ValuesOf(claim.pcrs)}});
  if (!IsEmpty(data, "srtm_boot_log")) {
    out.emplace_back("event_log", TRY(data.String("srtm_boot_log", kWhere)));
  }
  return out;
}

Result<json::Object> TpmEvidenceV2(const json::Value& data) {
  const json::Value* const attestation = data.Find("current_attestation");
  if (attestation == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "tpm_att_data: expected current_attestation");
  }
  json::Object out;
  TRY_VOID(AddKey(*attestation, out));
  std::string quote = TRY(attestation->String("quote", kWhere));
  std::string signature = TRY(attestation->String("signature", kWhere));
  out.emplace_back("quotes", json::Array{json::Object{{"message", std::move(quote)},
                                                      {"signature", std::move(signature)}}});
  out.emplace_back("pcrs", TRY(PcrBanks(*attestation)));
  TRY_VOID(AddLogs(*attestation, out));
  return out;
}

Result<json::Value> CertifiedKeyMember(const json::Value& tpm_certify) {
  json::Object out;
  for (const char* member : {"public", "certification", "signature"}) {
    out.emplace_back(member, TRY(tpm_certify.String(member, "tpm_certify")));
  }
  return json::Value(std::move(out));
}

}  // namespace assay
