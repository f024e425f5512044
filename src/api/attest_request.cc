#include "api/attest_request.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "base/reader.h"

namespace assay {
namespace {

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// Azure's own samples hash and send a C string with its terminator: one NUL at the end is no part
// of the JSON text, although it is part of what is hashed.
std::string_view WithoutTerminator(std::string_view text) {
  if (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

Result<Bytes> Base64Member(const json::Value& object, std::string_view name) {
  const json::Value* value = object.Find(name);
  if (value == nullptr || value->AsString() == nullptr) {
    return Wrong(std::string(name) + ": expected a base64url string, found none");
  }
  Result<Bytes> bytes = Base64UrlDecode(*value->AsString());
  if (!bytes) return Wrong(std::string(name) + ": not base64url: " + bytes.error().message);
  return bytes;
}

Result<std::optional<BoundData>> BoundMember(const json::Value& body, std::string_view name) {
  const json::Value* member = body.Find(name);
  if (member == nullptr || member->is_null()) return std::optional<BoundData>();
  BoundData out;
  out.bytes = TRY(Base64Member(*member, "data"));
  const json::Value* type = member->Find("dataType");
  const std::string kind = type != nullptr && type->AsString() ? *type->AsString() : "none";
  if (kind == "JSON") {
    Result<json::Value> document = json::Parse(WithoutTerminator(AsText(out.bytes)));
    if (!document || document->AsObject() == nullptr) {
      return Wrong(std::string(name) + ".data: expected a JSON object");
    }
    out.document = std::move(*document);
  } else if (kind != "Binary") {
    return Wrong(std::string(name) + ".dataType: expected \"Binary\" or \"JSON\", found " + kind);
  }
  return std::optional<BoundData>(std::move(out));
}

// oe_report_header_t (openenclave, include/openenclave/bits/evidence.h): version 1, type 2
// (remote), size, then the quote.
Result<Bytes> QuoteInOpenEnclaveReport(View report) {
  Reader reader(report, "Open Enclave report");
  const std::uint32_t version = TRY(reader.U32Le("version"));
  const std::uint32_t type = TRY(reader.U32Le("report type"));
  const std::uint64_t size = TRY(reader.U64Le("report size"));
  if (version != 1 || type != 2 || size != reader.remaining()) {
    return Wrong("report: expected an Open Enclave report of version 1 and type 2 (remote)");
  }
  return ToBytes(reader.rest());
}

// {"SnpReport", "VcekCertChain"}, both base64url, the chain a run of PEM certificates.
Result<void> ReadSnpReport(View report, AttestRequest& out) {
  const json::Value document = TRY(json::Parse(WithoutTerminator(AsText(report))));
  out.evidence = TRY(Base64Member(document, "SnpReport"));
  const json::Value* chain = document.Find("VcekCertChain");
  if (chain == nullptr || chain->is_null()) return {};  // the service may know the chain itself
  const Bytes pem = TRY(Base64Member(document, "VcekCertChain"));
  out.certificates = TRY(CertificatesFromPem(AsText(pem)));
  if (out.certificates.size() > limits::kCertificatesInChain) {
    return Wrong("VcekCertChain: more certificates than a chain has");
  }
  return {};
}

policy::AttestationType TypeOf(AttestKind kind) {
  switch (kind) {
    case AttestKind::kSgxEnclave: return policy::AttestationType::kSgxEnclave;
    case AttestKind::kOpenEnclave: return policy::AttestationType::kOpenEnclave;
    case AttestKind::kTdxVm: return policy::AttestationType::kTdxVm;
    case AttestKind::kSevSnpVm: return policy::AttestationType::kSevSnpVm;
  }
  return policy::AttestationType::kSgxEnclave;
}

Result<void> ReadEvidence(AttestKind kind, const json::Value& body, AttestRequest& out) {
  out.type = TypeOf(kind);
  switch (kind) {
    case AttestKind::kSgxEnclave:
    case AttestKind::kTdxVm:
      out.scheme = kind == AttestKind::kTdxVm ? "tdx" : "sgx";
      out.evidence = TRY(Base64Member(body, "quote"));
      return {};
    case AttestKind::kOpenEnclave:
      out.scheme = "sgx";
      out.evidence = TRY(QuoteInOpenEnclaveReport(TRY(Base64Member(body, "report"))));
      return {};
    case AttestKind::kSevSnpVm:
      out.scheme = "snp";
      return ReadSnpReport(TRY(Base64Member(body, "report")), out);
  }
  return Wrong("unknown kind of evidence");
}

}  // namespace

std::optional<AttestKind> KindOf(policy::AttestationType type) {
  switch (type) {
    case policy::AttestationType::kSgxEnclave: return AttestKind::kSgxEnclave;
    case policy::AttestationType::kOpenEnclave: return AttestKind::kOpenEnclave;
    case policy::AttestationType::kTdxVm: return AttestKind::kTdxVm;
    case policy::AttestationType::kSevSnpVm: return AttestKind::kSevSnpVm;
    default: return std::nullopt;
  }
}

Result<AttestRequest> ParseAttestRequest(AttestKind kind, std::string_view body) {
  const json::Value document = TRY(json::Parse(body));
  if (document.AsObject() == nullptr) return Wrong("body: expected a JSON object");
  AttestRequest out;
  const json::Value* draft = document.Find("draftPolicyForAttestation");
  if (draft != nullptr && !draft->is_null()) {
    if (draft->AsString() == nullptr) {
      return Wrong("draftPolicyForAttestation: expected the text of a policy");
    }
    out.draft = *draft->AsString();
  }
  TRY_VOID(ReadEvidence(kind, document, out));
  out.runtime_data = TRY(BoundMember(document, "runtimeData"));
  out.init_time_data = TRY(BoundMember(document, "initTimeData"));
  const json::Value* nonce = document.Find("nonce");
  if (nonce != nullptr && !nonce->is_null()) {
    if (nonce->AsString() == nullptr) return Wrong("nonce: expected a string");
    out.nonce = *nonce->AsString();
  }
  return out;
}

}  // namespace assay
