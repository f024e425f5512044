// POST /keys/{key-name}/{key-version}/release: a key for an environment that proved itself.
#include <fmt/format.h>

#include "api/decision_log.h"
#include "api/key_json.h"
#include "api/key_releases.h"
#include "api/machine_json.h"
#include "keys/release_export.h"

namespace assay {
namespace {

using keys::FaultKind;
using keys::KeyVersion;
using release::Denial;

// The body of a request, and what it points into.
struct ReleaseBody {
  std::string target;
  release::ReleaseRequest request;
};

keys::Outcome<std::string> TextOr(const json::Value& body, std::string_view name,
                                  std::string_view otherwise) {
  const json::Value* const value = body.Find(name);
  if (value == nullptr || value->is_null()) return std::string(otherwise);
  if (value->AsString() != nullptr) return *value->AsString();
  return keys::Refuse(FaultKind::kBadParameter, fmt::format("{}: expected a text", name));
}

keys::Outcome<ReleaseBody> ReadRelease(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  ReleaseBody out;
  out.target = TRY(TextOr(body, "target", {}));
  if (out.target.empty()) {
    return keys::Refuse(FaultKind::kBadParameter,
                        "target: expected the attestation token of the target");
  }
  const std::string named = TRY(TextOr(body, "enc", Name(release::KeyEncryption::kSha1)));
  const auto encryption = release::KeyEncryptionOf(named);
  if (!encryption) {
    return keys::Refuse(FaultKind::kBadParameter,
                        "enc: expected CKM_RSA_AES_KEY_WRAP, RSA_AES_KEY_WRAP_256 or "
                        "RSA_AES_KEY_WRAP_384");
  }
  out.request.kid = KeyId(call.service, call.name, call.version);
  out.request.encryption = *encryption;
  out.request.nonce = TRY(TextOr(body, "nonce", {}));
  out.request.api_version = call.request.Parameter("api-version");
  return out;
}

json::Array FindingsJson(const std::vector<release::Finding>& findings) {
  json::Array out;
  for (const release::Finding& one : findings) {
    out.emplace_back(json::Object{{"place", one.place},
                                  {"met", one.outcome == release::Outcome::kMet},
                                  {"claim", one.claim},
                                  {"expected", one.expected},
                                  {"found", one.found}});
  }
  return out;
}

// Clients of Key Vault show the message and nothing else: so it names the first condition that
// failed.
ApiError Denied(const Denial& denial) {
  ApiError out{403, "Forbidden", denial.message, {}};
  out.inner = Name(denial.reason);
  for (const release::Finding& one : denial.findings) {
    if (one.outcome == release::Outcome::kMet) continue;
    out.message += fmt::format("; {}: {}: expected {}, found {}", one.place, one.claim,
                               one.expected, one.found);
    break;
  }
  if (!denial.findings.empty()) {
    out.policy = json::Object{{"conditions", FindingsJson(denial.findings)}};
  }
  return out;
}

release::ReleasedKey ReleasedKeyOf(const KeyService& service, const KeyVersion& version) {
  const json::Value bundle(KeyBundleJson(service, version));
  json::Object policy = *bundle.Find("release_policy")->AsObject();
  // As recorded: the answer does not repeat the content type.
  std::erase_if(policy, [](const json::Member& member) { return member.first == "contentType"; });
  return {*bundle.Find("key")->AsObject(), *bundle.Find("attributes")->AsObject(),
          std::move(policy)};
}

// What was decided, on the record before anybody hears of it.
tl::expected<void, ApiError> PutOnRecord(const KeyCall& call, const ReleaseBody& body,
                                         const KeyVersion& version, const Denial* denial) {
  const DecisionLog* const decisions = call.service.decisions;
  if (decisions == nullptr) return {};
  ledger::Record record;
  record.kind = ledger::RecordKind::kKeyRelease;
  record.verdict =
      denial != nullptr ? ledger::RecordVerdict::kDenied : ledger::RecordVerdict::kPermitted;
  record.subject = KeyId(call.service, version.name, version.version);
  record.actor = std::string(call.actor);
  record.evidence = Sha256(AsBytes(body.target));
  record.policy = Sha256(version.release_policy->data);
  json::Object detail{{"enc", Name(body.request.encryption)}};
  if (denial != nullptr) {
    detail.emplace_back("reason", Name(denial->reason));
    for (const release::Finding& one : denial->findings) {
      if (one.outcome != release::Outcome::kMet) {
        record.failed_checks.push_back(one.place + ": " + one.claim);
      }
    }
  }
  record.detail = json::Write(detail);
  return decisions->Write(std::move(record)).map([](const LedgerPlace&) {});
}

keys::Outcome<HttpResponse> Release(const KeyCall& call) {
  ReleaseBody body = TRY(ReadRelease(call));
  body.request.target = body.target;
  keys::Vault& vault = call.service.vault;
  const KeyVersion version = TRY(keys::FindReleasable(vault, call.name, call.version));
  const release::ReleasePolicy policy =
      TRY(release::ParseReleasePolicy(AsText(version.release_policy->data)));
  const std::string kid = KeyId(call.service, version.name, version.version);
  const release::Decision decision = TRY(call.service.releases->Decide(
      body.request, {kid, version.attributes.enabled, version.attributes.exportable, &policy}));
  const Denial* const denial = std::get_if<Denial>(&decision);
  const auto recorded = PutOnRecord(call, body, version, denial);
  if (!recorded) return ToResponse(recorded.error());
  if (denial != nullptr) return ToResponse(Denied(*denial));
  const auto& grant = std::get<release::Grant>(decision);
  const Bytes wrapped = TRY(keys::ExportForRelease(vault, version, grant.runtime_key().key,
                                                   HashOf(grant.request().encryption)));
  const std::string answer = TRY(release::AnswerRelease(
      grant, wrapped, ReleasedKeyOf(call.service, version), call.service.releases->signer()));
  return JsonResponse(json::Object{{"value", answer}});
}

}  // namespace

HttpResponse ReleaseKey(const KeyCall& call) {
  if (call.service.releases == nullptr) {
    return ToResponse({400, "NotSupported", "this vault releases no keys", {}});
  }
  const keys::Outcome<HttpResponse> answer = Release(call);
  return answer ? *answer : KeyFaultResponse(call.service, answer.error());
}

}  // namespace assay
