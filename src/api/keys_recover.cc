// /recoveries: break-glass. A key for whom enough officers approved, when nothing can prove itself.
#include <charconv>

#include "api/key_json.h"
#include "api/key_recoveries.h"
#include "api/machine_json.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/jose.h"
#include "keys/release_export.h"
#include "release/wrap.h"

namespace assay {
namespace {

using keys::FaultKind;
using keys::Refuse;
using recovery::Recovery;

json::Object ShownRecovery(const Recovery& recovery) {
  json::Object out = RecoveryJson(recovery);
  out.emplace_back("statement", StatementOf(recovery));
  return out;
}

keys::Outcome<PublicKey> RecipientIn(const json::Value& jwk) {
  if (TRY(jwk.String("kty", "to")) != "RSA") {
    return Refuse(FaultKind::kBadParameter, "to: expected an RSA key as JSON Web Key");
  }
  const Bytes modulus = TRY(Base64UrlDecode(TRY(jwk.String("n", "to"))));
  const Bytes exponent = TRY(Base64UrlDecode(TRY(jwk.String("e", "to"))));
  return TRY(RsaPublicKey(modulus, exponent));
}

// The public members alone: whoever sends more by mistake shall not find it kept.
keys::Outcome<json::Value> PublicRsa(const json::Value& jwk) {
  const std::string n = TRY(jwk.String("n", "to"));
  const std::string e = TRY(jwk.String("e", "to"));
  return json::Value(json::Object{{"kty", "RSA"}, {"n", n}, {"e", e}});
}

keys::Outcome<std::string> ReasonIn(const json::Value& body) {
  std::string out = TRY(body.String("reason", "body"));
  if (out.empty() || out.size() > limits::kRecoveryReasonBytes) {
    return Refuse(FaultKind::kBadParameter,
                  "reason: expected why the key has to be recovered, in " +
                      std::to_string(limits::kRecoveryReasonBytes) + " bytes at most");
  }
  return out;
}

keys::Outcome<Recovery> Requested(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const std::string name = TRY(body.String("key", "body"));
  const std::string version = OptionalText(body, "version");
  const json::Value* const to = body.Find("to");
  if (to == nullptr) return Refuse(FaultKind::kBadParameter, "to: expected an RSA key");
  // What never leaves the vault does not leave it so.
  const keys::KeyVersion key = TRY(keys::FindReleasable(call.service.vault, name, version));
  Recovery out;
  out.vault = call.service.vault.data_keys().vault_id();
  out.key = key.name;
  out.version = key.version;
  out.to = HexEncode(TRY(RecipientIn(*to)).SpkiDigest());
  out.to_jwk = TRY(PublicRsa(*to));
  out.reason = TRY(ReasonIn(body));
  out.requested_by = call.subject;
  return call.service.recoveries->book.Request(std::move(out), call.service.clock());
}

// Nothing is opened before enough officers approved. Then the key is made ready before the record
// of its leaving, which asks again: what is recorded can be answered.
keys::Outcome<json::Object> Completed(const KeyCall& call) {
  const KeyRecoveries& recoveries = *call.service.recoveries;
  const Recovery asked = TRY(recoveries.book.Find(call.name));
  TRY_VOID(ExpectApproved(asked, recoveries.officers, call.service.clock()));
  const keys::KeyVersion version =
      TRY(keys::FindReleasable(call.service.vault, asked.key, asked.version));
  const PublicKey to = TRY(RecipientIn(asked.to_jwk));
  const Bytes wrapped =
      TRY(keys::ExportForRelease(call.service.vault, version, to, OaepHash::kSha256));
  const Recovery done = TRY(recoveries.book.Complete(
      asked.id, recoveries.officers, std::string(call.subject), call.service.clock()));
  recoveries.Tell("completed", done);
  json::Object out = ShownRecovery(done);
  out.emplace_back("enc", Name(release::KeyEncryption::kSha256));
  out.emplace_back("value", Base64UrlEncode(wrapped));
  return out;
}

HttpResponse Shown(const KeyCall& call, std::string_view what,
                   const keys::Outcome<Recovery>& recovery, unsigned status) {
  if (!recovery) return KeyFaultResponse(call.service, recovery.error());
  call.service.recoveries->Tell(what, *recovery);
  return JsonResponse(ShownRecovery(*recovery), status);
}

HttpResponse NoRecoveries() {
  return ToResponse({400,
                     "NotSupported",
                     "this vault recovers no keys: it was started without --recovery-officers",
                     {}});
}

}  // namespace

HttpResponse RequestRecovery(const KeyCall& call) {
  if (call.service.recoveries == nullptr) return NoRecoveries();
  return Shown(call, "requested", Requested(call), 201);
}

HttpResponse GetRecovery(const KeyCall& call) {
  if (call.service.recoveries == nullptr) return NoRecoveries();
  const keys::Outcome<Recovery> found = call.service.recoveries->book.Find(call.name);
  if (!found) return KeyFaultResponse(call.service, found.error());
  return JsonResponse(ShownRecovery(*found));
}

// ?after=ID (the "next" of the page before).
HttpResponse ListRecoveries(const KeyCall& call) {
  if (call.service.recoveries == nullptr) return NoRecoveries();
  const auto page =
      call.service.recoveries->book.List(call.request.Parameter("after"), limits::kKeysPage);
  if (!page) return KeyFaultResponse(call.service, page.error());
  json::Array list;
  for (const Recovery& one : *page) list.emplace_back(ShownRecovery(one));
  json::Object out{{"recoveries", std::move(list)}};
  if (page->size() == limits::kKeysPage) out.emplace_back("next", page->back().id);
  return JsonResponse(std::move(out));
}

HttpResponse ApproveRecovery(const KeyCall& call) {
  if (call.service.recoveries == nullptr) return NoRecoveries();
  const KeyRecoveries& recoveries = *call.service.recoveries;
  const auto approved = [&]() -> keys::Outcome<Recovery> {
    const json::Value body = TRY(KeyBodyOf(call.request));
    const std::string jws = TRY(body.String("approval", "body"));
    return recoveries.book.Approve(call.name, recoveries.officers, jws, call.service.clock());
  };
  return Shown(call, "approved", approved(), 200);
}

HttpResponse CompleteRecovery(const KeyCall& call) {
  if (call.service.recoveries == nullptr) return NoRecoveries();
  const keys::Outcome<json::Object> done = Completed(call);
  if (!done) return KeyFaultResponse(call.service, done.error());
  return JsonResponse(*done);
}

}  // namespace assay
