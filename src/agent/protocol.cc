#include "agent/protocol.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/secret.h"

namespace assay::agent {
namespace {

// A nonce shorter than that can be guessed; TPM2B_DATA holds no more than the longest digest and an
// algorithm (Part 2, 10.4.3).
constexpr std::size_t kLeastNonce = 16, kMostNonce = 64;

json::Value Encoded(View bytes) { return json::Value(Base64UrlEncode(bytes)); }

json::Value AllEncoded(const std::vector<Bytes>& all) {
  json::Array out;
  for (const Bytes& one : all) out.push_back(Encoded(one));
  return json::Value(std::move(out));
}

Result<Bytes> ReadMember(const json::Value& body, std::string_view name) {
  return Base64UrlDecode(TRY(body.String(name, "answer of the service")));
}

Result<Bytes> ReadNonce(const json::Value& body) {
  Bytes nonce = TRY(ReadMember(body, "nonce"));
  if (nonce.size() < kLeastNonce || nonce.size() > kMostNonce) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("answer of the service: expected a nonce of {} to {} bytes, found {}",
                            kLeastNonce, kMostNonce, nonce.size()));
  }
  return nonce;
}

Result<std::string> DocumentOf(const Machine& machine, const AttestationKey& ak, View nonce,
                               const AlreadyKnown& known, const Extras& extras = {}) {
  Collected collected = TRY(CollectTpm(machine.tpm, ak, nonce, machine.logs, extras));
  if (machine.azure) TRY_VOID(AddAzureReport(machine.tpm, {}, collected));
  return EvidenceDocument(collected, known);
}

json::Object Introduction(const Machine& machine, const AttestationKey& ak) {
  json::Object out{{"ak", Encoded(ak.key.public_area())}};
  if (!machine.name.empty()) out.emplace_back("name", machine.name);
  return out;
}

Result<Said> EnrolByEndorsementKey(const Machine& machine, const AttestationKey& ak,
                                   const Service& service) {
  const EndorsementKey ek = TRY(OpenEndorsementKey(machine.tpm));
  json::Object request = Introduction(machine, ak);
  request.emplace_back("ek", Encoded(ek.key.public_area()));
  if (!ek.certificates.empty())
    request.emplace_back("ek_certificates", AllEncoded(ek.certificates));
  Said offer = service.Post("/machines:enroll", json::Value(std::move(request)));
  if (!offer.yes()) return offer;
  const std::string enrolment = TRY(offer.body.String("enrolment", "answer of the service"));
  Bytes secret = TRY(ActivateCredential(machine.tpm, ak.key, ek.key,
                                        TRY(ReadMember(offer.body, "credential_blob")),
                                        TRY(ReadMember(offer.body, "encrypted_secret"))));
  std::string text = Base64UrlEncode(secret);
  std::string body =
      fmt::format(R"({{"enrolment":{},"secret":"{}"}})", json::Write(json::Value(enrolment)), text);
  Said out = service.PostText("/machines:activate", body);
  for (const auto used :
       {std::as_writable_bytes(std::span(secret)), std::as_writable_bytes(std::span(text)),
        std::as_writable_bytes(std::span(body))}) {
    Cleanse(used);
  }
  return out;
}

Result<Said> EnrolByCertificate(const Machine& machine, const AttestationKey& ak,
                                const Service& service) {
  json::Object request = Introduction(machine, ak);
  request.emplace_back("ak_certificates", AllEncoded(ak.certificates));
  if (machine.keys.idevid_certificate_index) {
    request.emplace_back(
        "idevid_certificates",
        AllEncoded(TRY(CertificatesAt(machine.tpm, *machine.keys.idevid_certificate_index))));
  }
  Said offer = service.Post("/machines:enroll", json::Value(std::move(request)));
  if (!offer.yes()) return offer;
  const std::string enrolment = TRY(offer.body.String("enrolment", "answer of the service"));
  const Bytes nonce = TRY(ReadNonce(offer.body));
  // Only that the key is here is asked: without its logs the evidence stays small.
  Collected collected = TRY(CollectTpm(machine.tpm, ak, nonce, machine.logs));
  collected.event_log.reset();
  collected.ima_log.reset();
  const std::string evidence = TRY(EvidenceDocument(collected, {}));
  return service.PostText("/machines:activate",
                          fmt::format(R"({{"enrolment":{},"evidence":{}}})",
                                      json::Write(json::Value(enrolment)), evidence));
}

// What a challenge is answered for.
struct Purpose {
  std::string action;      // ":attest"
  std::string parameters;  // of the query, behind the nonce
  Extras extras;
};

enum class Send { kNews, kWhole };

Result<Said> AnswerChallenge(const Machine& machine, const AttestationKey& ak,
                             const Service& service, const Purpose& purpose, Send what) {
  const std::string path = "/machines/" + ak.machine;
  const Said said = service.Post(path + ":challenge", json::Value(json::Object{}));
  if (!said.yes()) return said;
  const Challenge challenge = TRY(ReadChallenge(said.body));
  const AlreadyKnown known = what == Send::kNews ? challenge.known : AlreadyKnown{};
  std::string document = TRY(DocumentOf(machine, ak, challenge.nonce, known, purpose.extras));
  return service.PostText(
      path + purpose.action + "?nonce=" + Base64UrlEncode(challenge.nonce) + purpose.parameters,
      std::move(document));
}

Result<Said> AnswerFor(const Machine& machine, const Service& service, const Purpose& purpose) {
  const AttestationKey ak = TRY(OpenAttestationKey(machine.tpm, machine.keys));
  Said said = TRY(AnswerChallenge(machine, ak, service, purpose, Send::kNews));
  // It has forgotten meanwhile what its challenge said it knew.
  if (said.code == "EvidenceIncomplete") {
    said = TRY(AnswerChallenge(machine, ak, service, purpose, Send::kWhole));
  }
  return said;
}

std::uint64_t Count(const json::Value& body, std::string_view name) {
  const json::Value* const value = body.Find(name);
  const bool good = value != nullptr && value->AsInt() != nullptr && *value->AsInt() >= 0;
  return good ? static_cast<std::uint64_t>(*value->AsInt()) : 0;
}

}  // namespace

Result<Challenge> ReadChallenge(const json::Value& body) {
  Challenge out;
  out.nonce = TRY(ReadNonce(body));
  const json::Value* const resets = body.Find("reset_count");
  // Without the boot that it is of, a number of entries says nothing.
  if (resets != nullptr && resets->AsInt() != nullptr) {
    out.known.ima_entries = Count(body, "ima_known");
    out.known.reset_count = static_cast<std::uint32_t>(Count(body, "reset_count"));
  }
  const json::Value* const event_log = body.Find("event_log_known");
  if (event_log != nullptr && event_log->AsString() != nullptr) {
    out.known.event_log_sha256 = *event_log->AsString();
  }
  return out;
}

Result<Said> Enrol(const Machine& machine, const Service& service) {
  const AttestationKey ak = TRY(OpenAttestationKey(machine.tpm, machine.keys));
  Said out = ak.certificates.empty() ? TRY(EnrolByEndorsementKey(machine, ak, service))
                                     : TRY(EnrolByCertificate(machine, ak, service));
  if (!out.yes()) return out;
  const std::string machine_id = TRY(out.body.String("machine", "answer of the service"));
  if (machine_id != ak.machine) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("the service enrolled machine {}, this is {}", machine_id.substr(0, 64),
                            ak.machine),
                "do agent and service have the same version?");
  }
  return out;
}

Result<Said> Attest(const Machine& machine, const Service& service, const TpmKey* runtime_key) {
  return AnswerFor(machine, service, {":attest", {}, {runtime_key, {}}});
}

Result<Said> Certify(const Machine& machine, const Service& service, View request,
                     std::chrono::seconds lifetime) {
  const std::string wanted =
      lifetime.count() == 0 ? std::string() : fmt::format("&lifetime={}", lifetime.count());
  return AnswerFor(machine, service, {":certify", wanted, {nullptr, ToBytes(request)}});
}

Result<std::string> MachineIdOf(const Machine& machine) {
  return TRY(OpenAttestationKey(machine.tpm, machine.keys)).machine;
}

Result<std::string> CollectDocument(const Machine& machine, View nonce) {
  const AttestationKey ak = TRY(OpenAttestationKey(machine.tpm, machine.keys));
  return DocumentOf(machine, ak, nonce, {});
}

}  // namespace assay::agent
