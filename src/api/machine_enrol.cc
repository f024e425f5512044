// POST /machines:enroll and :activate: a machine says who its TPM is, and proves it.
#include <fmt/format.h>

#include <algorithm>

#include "api/denial.h"
#include "api/machine_json.h"
#include "base/limits.h"

namespace assay {
namespace {

using monitor::ActivationRefusal;
using Reason = ActivationRefusal::Reason;

Result<std::vector<Bytes>> CertificateList(const json::Value& body, std::string_view name) {
  std::vector<Bytes> out;
  for (const CertificatePtr& one : TRY(OptionalCertificates(body, name))) out.push_back(one->der());
  return out;
}

bool IsMachineName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return name.size() <= limits::kMachineNameBytes &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<monitor::EnrolRequest> ReadRequest(const HttpRequest& request) {
  const json::Value body = TRY(BodyOf(request));
  monitor::EnrolRequest out;
  out.name = OptionalText(body, "name");
  if (!IsMachineName(out.name)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("name: expected up to {} letters, digits, '.', '_' and '-'",
                            limits::kMachineNameBytes));
  }
  out.ak = TRY(OptionalBytes(body, "ak"));
  out.ek = TRY(OptionalBytes(body, "ek"));
  out.ek_certificates = TRY(CertificateList(body, "ek_certificates"));
  out.ak_certificates = TRY(CertificateList(body, "ak_certificates"));
  out.idevid_certificates = TRY(CertificateList(body, "idevid_certificates"));
  return out;
}

json::Array WarningsJson(const std::vector<std::string>& warnings) {
  json::Array out;
  for (const std::string& one : warnings) out.emplace_back(one);
  return out;
}

json::Object OpenedJson(const monitor::Opened& opened) {
  json::Object out{{"enrolment", opened.enrolment},
                   {"route", opened.route},
                   {"warnings", WarningsJson(opened.warnings)},
                   {"expires_in", std::int64_t{opened.expires_in.count()}}};
  if (const auto* credential = std::get_if<tpm::Credential>(&opened.challenge)) {
    out.emplace_back("credential_blob", Base64UrlEncode(credential->blob));
    out.emplace_back("encrypted_secret", Base64UrlEncode(credential->encrypted_secret));
  } else {
    out.emplace_back("nonce", Base64UrlEncode(std::get<Bytes>(opened.challenge)));
  }
  return out;
}

ApiError Refused(const ActivationRefusal& refusal) {
  const auto failed = NotTrusted(refusal.checks).failed_checks;
  switch (refusal.reason) {
    case Reason::kUnknown: return {410, "EnrolmentUnknown", refusal.message, {}};
    case Reason::kExpired: return {410, "EnrolmentExpired", refusal.message, {}};
    case Reason::kUsedBefore: return {410, "EnrolmentUsed", refusal.message, {}};
    case Reason::kTooMany: return {503, "ServiceUnavailable", refusal.message, {}};
    case Reason::kWrongProof:
    case Reason::kWrongSecret:
    case Reason::kEvidenceNotTrusted: break;
  }
  return {403, "ActivationRefused", refusal.message, failed};
}

// What vouched for the TPM: the certificate of its endorsement key, or of its attestation key.
std::string VoucherOf(const monitor::Enrolled& enrolled) {
  if (enrolled.ek_certificate_digest) return HexEncode(*enrolled.ek_certificate_digest);
  const auto& chain = enrolled.ak_certificate_digests;
  return chain.empty() ? std::string() : HexEncode(chain.front());
}

// An enrolment, or its refusal, on the record; what was given stays out while it could not be.
HttpResponse OnRecord(const Call& call, std::string subject, json::Object detail,
                      const std::vector<Check>& failed, HttpResponse answer) {
  if (call.decisions() == nullptr) return answer;
  ledger::Record record;
  record.kind = ledger::RecordKind::kEnrolment;
  record.verdict =
      answer.status < 300 ? ledger::RecordVerdict::kPermitted : ledger::RecordVerdict::kDenied;
  record.subject = std::move(subject);
  record.actor = ActorOf(call.who);
  record.evidence = Sha256(AsBytes(call.request.body));
  for (const Check& one : failed) record.failed_checks.emplace_back(one.name);
  detail.emplace_back("provider", call.service.issuer());
  record.detail = json::Write(detail);
  const auto place = call.decisions()->Write(std::move(record));
  return place ? answer : ToResponse(place.error());
}

HttpResponse Admit(const Call& call, const monitor::Enrolled& enrolled) {
  const auto area = tpm::ParsePublicArea(enrolled.ak);
  if (!area) return ToResponse(MachineError(area.error()));
  const auto machine = call.machines->FleetOf(call.service)
                           .Enrol({area->Name(), HexEncode(area->key.SpkiDigest()), enrolled.name,
                                   enrolled.route, VoucherOf(enrolled), enrolled.warnings},
                                  call.machines->now());
  if (!machine) return ToResponse(MachineError(machine.error()));
  return OnRecord(call, "machine " + machine->id,
                  {{"route", machine->route}, {"vouched_by", VoucherOf(enrolled)}}, {},
                  JsonResponse(json::Object{{"machine", machine->id},
                                            {"state", Name(machine->state)},
                                            {"route", machine->route},
                                            {"warnings", WarningsJson(machine->warnings)}},
                               201));
}

}  // namespace

HttpResponse EnrolMachine(const Call& call) {
  const Result<monitor::EnrolRequest> request = ReadRequest(call.request);
  if (!request) return ToResponse(MachineError(request.error()));
  const auto begun =
      call.machines->enrolment().Begin(*request, call.machines->collateral(), call.machines->now());
  if (!begun) return ToResponse(MachineError(begun.error()));
  if (!begun->opened) {
    const auto failed = NotTrusted(begun->checks).failed_checks;
    return OnRecord(call, "a machine unknown", {{"code", "EnrolmentRefused"}}, failed,
                    ToResponse({403, "EnrolmentRefused",
                                "this TPM is not one that can be enrolled here", failed}));
  }
  return JsonResponse(OpenedJson(*begun->opened));
}

HttpResponse ActivateMachine(const Call& call) {
  const Result<json::Value> body = BodyOf(call.request);
  if (!body) return ToResponse(MachineError(body.error()));
  const std::string enrolment = OptionalText(*body, "enrolment");
  const Result<Bytes> secret = OptionalBytes(*body, "secret");
  if (!secret) return ToResponse(MachineError(secret.error()));
  // As it stands in the body: a document that is written again may no longer be the same text.
  std::string evidence;
  if (body->Find("evidence") != nullptr) {
    evidence = json::RawMember(call.request.body, "evidence").value_or(std::string());
  }
  const monitor::Proof proof = evidence.empty()
                                   ? monitor::Proof(monitor::SecretProof{*secret})
                                   : monitor::Proof(monitor::EvidenceProof{AsBytes(evidence)});
  const auto completed =
      call.machines->enrolment().Complete(enrolment, proof, call.machines->now());
  if (!completed) return ToResponse(MachineError(completed.error()));
  if (const auto* refusal = std::get_if<ActivationRefusal>(&*completed)) {
    const ApiError refused = Refused(*refusal);
    if (refused.status != 403) return ToResponse(refused);  // nothing was judged
    return OnRecord(call, "a machine unknown", {{"code", refused.code}}, refused.failed_checks,
                    ToResponse(refused));
  }
  return Admit(call, std::get<monitor::Enrolled>(*completed));
}

}  // namespace assay
