// POST /keys/{key-name}/{key-version}/encrypt and the like; POST /rng.
#include "api/key_json.h"
#include "api/machine_json.h"
#include "base/encoding.h"
#include "crypto/signing_key.h"

namespace assay {
namespace {

using keys::FaultKind;
using keys::Operation;

keys::Outcome<Bytes> RequiredBytes(const json::Value& body, std::string_view name) {
  if (body.Find(name) == nullptr || body.Find(name)->is_null()) {
    return keys::Refuse(FaultKind::kBadParameter, std::string(name) + ": it is missing");
  }
  return KeyBytes(body, name);
}

keys::Outcome<keys::OperationRequest> ReadOperation(const KeyCall& call, Operation operation) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  keys::OperationRequest out;
  out.operation = operation;
  out.algorithm = TRY(body.String("alg", "body"));
  if (operation == Operation::kVerify) {
    out.value = TRY(RequiredBytes(body, "digest"));
    out.signature = TRY(RequiredBytes(body, "value"));
    return out;
  }
  out.value = TRY(RequiredBytes(body, "value"));
  out.iv = TRY(KeyBytes(body, "iv"));
  out.aad = TRY(KeyBytes(body, "aad"));
  out.tag = TRY(KeyBytes(body, "tag"));
  return out;
}

keys::Outcome<json::Object> Perform(const KeyCall& call, Operation operation) {
  const keys::OperationRequest request = TRY(ReadOperation(call, operation));
  const keys::OperationResult result = TRY(
      keys::Perform(call.service.vault, call.name, call.version, request, call.service.clock()));
  if (operation == Operation::kVerify) return json::Object{{"value", result.valid}};
  json::Object out{{"kid", KeyId(call.service, result.key.name, result.key.version)},
                   {"value", Base64UrlEncode(result.value.view())}};
  if (!result.iv.empty()) out.emplace_back("iv", Base64UrlEncode(result.iv));
  if (!result.tag.empty()) out.emplace_back("tag", Base64UrlEncode(result.tag));
  if (!result.aad.empty()) out.emplace_back("aad", Base64UrlEncode(result.aad));
  return out;
}

keys::Outcome<json::Object> Random(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const std::int64_t count = TRY(body.Int("count", "body"));
  if (count < 1 || count > static_cast<std::int64_t>(limits::kKeyRandomBytes)) {
    return keys::Refuse(FaultKind::kBadParameter,
                        "count: expected 1 to " + std::to_string(limits::kKeyRandomBytes));
  }
  const Bytes bytes = TRY(RandomBytes(static_cast<std::size_t>(count)));
  return json::Object{{"value", Base64UrlEncode(bytes)}};
}

HttpResponse AnswerObject(const KeyCall& call, const keys::Outcome<json::Object>& answer) {
  if (!answer) return KeyFaultResponse(call.service, answer.error());
  return JsonResponse(*answer);
}

}  // namespace

HttpResponse PerformKeyOperation(const KeyCall& call, Operation operation) {
  return AnswerObject(call, Perform(call, operation));
}

HttpResponse GetRandomBytes(const KeyCall& call) { return AnswerObject(call, Random(call)); }

}  // namespace assay
