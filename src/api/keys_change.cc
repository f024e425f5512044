// What changes keys: update, rotate, delete, recover, purge, back up, restore.
#include "api/key_json.h"
#include "api/machine_json.h"
#include "base/encoding.h"

namespace assay {
namespace {

HttpResponse Bundle(const KeyCall& call, const keys::Outcome<keys::KeyVersion>& key) {
  if (!key) return KeyFaultResponse(call.service, key.error());
  return JsonResponse(KeyBundleJson(call.service, *key));
}

HttpResponse PolicyResponse(const KeyCall& call,
                            const keys::Outcome<keys::RotationPolicy>& policy) {
  if (!policy) return KeyFaultResponse(call.service, policy.error());
  json::Object out{{"id", KeyId(call.service, call.name, "") + "/rotationpolicy"}};
  for (json::Member& one : RotationPolicyJson(*policy)) out.push_back(std::move(one));
  return JsonResponse(std::move(out));
}

keys::Outcome<keys::KeyVersion> Update(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const keys::KeyProperties changes = TRY(ReadKeyProperties(body));
  return call.service.vault.Update(call.name, call.version, changes, call.service.clock());
}

keys::Outcome<keys::RotationPolicy> UpdatePolicy(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  keys::RotationPolicy policy = TRY(keys::ParseRotationPolicy(body));
  return call.service.vault.SetRotationPolicy(call.name, std::move(policy), call.service.clock());
}

keys::Outcome<keys::KeyVersion> Restore(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const Bytes blob = TRY(KeyBytes(body, "value"));
  return call.service.vault.Restore(blob, call.service.clock());
}

}  // namespace

HttpResponse UpdateKey(const KeyCall& call) { return Bundle(call, Update(call)); }

HttpResponse RotateKey(const KeyCall& call) {
  return Bundle(call, call.service.vault.Rotate(call.name, call.service.clock()));
}

HttpResponse GetKeyRotationPolicy(const KeyCall& call) {
  return PolicyResponse(call, call.service.vault.GetRotationPolicy(call.name));
}

HttpResponse UpdateKeyRotationPolicy(const KeyCall& call) {
  return PolicyResponse(call, UpdatePolicy(call));
}

HttpResponse DeleteKey(const KeyCall& call) {
  const auto deleted = call.service.vault.Delete(call.name, call.service.clock());
  if (!deleted) return KeyFaultResponse(call.service, deleted.error());
  json::Object out = KeyBundleJson(call.service, deleted->current);
  AddDeletion(call.service, *deleted, out);
  return JsonResponse(std::move(out));
}

HttpResponse RecoverDeletedKey(const KeyCall& call) {
  return Bundle(call, call.service.vault.Recover(call.name, call.service.clock()));
}

HttpResponse PurgeDeletedKey(const KeyCall& call) {
  const auto purged = call.service.vault.Purge(call.name);
  if (!purged) return KeyFaultResponse(call.service, purged.error());
  HttpResponse out;
  out.status = 204;
  return out;
}

HttpResponse BackupKey(const KeyCall& call) {
  const auto blob = call.service.vault.Backup(call.name);
  if (!blob) return KeyFaultResponse(call.service, blob.error());
  return JsonResponse(json::Object{{"value", Base64UrlEncode(*blob)}});
}

HttpResponse RestoreKey(const KeyCall& call) { return Bundle(call, Restore(call)); }

}  // namespace assay
