#include "api/key_json.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay {
namespace {

using keys::Fault;
using keys::FaultKind;
using keys::KeyVersion;

constexpr std::string_view kDefaultPolicyType = "application/json; charset=utf-8";
// 9999-12-31T23:59:59Z: what RFC 3339 can write.
constexpr std::int64_t kLatestSeconds = 253402300799;

tl::unexpected<Fault> BadMember(std::string_view name, std::string_view expected) {
  return keys::Refuse(FaultKind::kBadParameter, fmt::format("{}: expected {}", name, expected));
}

json::Object KeyAttributesJson(const KeyService& service, const keys::Attributes& from) {
  const int days = service.vault.options().retention_days;
  json::Object out{{"enabled", from.enabled}};
  if (from.not_before) out.emplace_back("nbf", UnixSeconds(*from.not_before));
  if (from.expires) out.emplace_back("exp", UnixSeconds(*from.expires));
  out.emplace_back("created", UnixSeconds(from.created));
  out.emplace_back("updated", UnixSeconds(from.updated));
  out.emplace_back("recoveryLevel", days == limits::kKeyRetentionMostDays
                                        ? "Recoverable+Purgeable"
                                        : "CustomizedRecoverable+Purgeable");
  out.emplace_back("recoverableDays", days);
  if (from.exportable) out.emplace_back("exportable", true);
  return out;
}

json::Object PublicKeyJson(const KeyService& service, const KeyVersion& key) {
  json::Array operations;
  for (const keys::Operation one : key.operations) operations.emplace_back(keys::Name(one));
  json::Object out{{"kid", KeyId(service, key.name, key.version)},
                   {"kty", Name(key.type())},
                   {"key_ops", std::move(operations)}};
  if (key.kind == keys::KeyKind::kRsa) {
    out.emplace_back("n", Base64UrlEncode(key.rsa.n));
    out.emplace_back("e", Base64UrlEncode(key.rsa.e));
  } else if (key.kind == keys::KeyKind::kEc) {
    out.emplace_back("crv", keys::Name(key.ec.curve));
    out.emplace_back("x", Base64UrlEncode(key.ec.x));
    out.emplace_back("y", Base64UrlEncode(key.ec.y));
  }
  return out;
}

json::Object KeyTagsJson(const keys::Tags& tags) {
  json::Object out;
  for (const auto& [name, value] : tags) out.emplace_back(name, value);
  return out;
}

// Null when it is absent or null, which mean the same.
const json::Value* MemberOrNull(const json::Value& body, std::string_view name) {
  const json::Value* const value = body.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

keys::Outcome<std::optional<bool>> OptionalFlag(const json::Value& body, std::string_view name) {
  const json::Value* const value = MemberOrNull(body, name);
  if (value == nullptr) return std::nullopt;
  if (value->AsBool() == nullptr) return BadMember(name, "true or false");
  return *value->AsBool();
}

keys::Outcome<std::optional<Time>> OptionalSeconds(const json::Value& body, std::string_view name) {
  const json::Value* const value = MemberOrNull(body, name);
  if (value == nullptr) return std::nullopt;
  if (value->AsInt() == nullptr || *value->AsInt() < 0 || *value->AsInt() > kLatestSeconds) {
    return BadMember(name, "seconds since 1970");
  }
  return FromUnixSeconds(*value->AsInt());
}

keys::Outcome<keys::Tags> ReadTags(const json::Value& value) {
  if (value.AsObject() == nullptr) return BadMember("tags", "an object");
  keys::Tags out;
  for (const auto& [name, text] : *value.AsObject()) {
    if (text.AsString() == nullptr) return BadMember("tags", "values of text");
    out.emplace(name, *text.AsString());
  }
  return out;
}

keys::Outcome<keys::ReleasePolicy> ReadReleasePolicy(const json::Value& value) {
  if (value.AsObject() == nullptr) return BadMember("release_policy", "an object");
  keys::ReleasePolicy out;
  out.content_type = kDefaultPolicyType;
  if (const json::Value* type = MemberOrNull(value, "contentType")) {
    if (type->AsString() == nullptr || type->AsString()->size() > 128) {
      return BadMember("release_policy.contentType", "a media type");
    }
    out.content_type = *type->AsString();
  }
  out.data = TRY(KeyBytes(value, "data"));
  out.immutable = TRY(OptionalFlag(value, "immutable")).value_or(false);
  return out;
}

keys::Outcome<std::vector<std::string>> ReadOperations(const json::Value& value) {
  if (value.AsArray() == nullptr) return BadMember("key_ops", "a list");
  std::vector<std::string> out;
  for (const json::Value& one : *value.AsArray()) {
    if (one.AsString() == nullptr) return BadMember("key_ops", "names of operations");
    out.push_back(*one.AsString());
  }
  return out;
}

ApiError KeyError(const Fault& fault) {
  const std::string& text = fault.message;
  switch (fault.kind) {
    case FaultKind::kBadParameter: return {400, "BadParameter", text, {}};
    case FaultKind::kNotFound: return {404, "KeyNotFound", text, {}};
    case FaultKind::kDeleted:
      return {409, "Conflict", text, {}, {}, {}, "ObjectIsDeletedButRecoverable"};
    case FaultKind::kExists: return {409, "Conflict", text, {}};
    case FaultKind::kConflict: return {409, "Conflict", text, {}};
    case FaultKind::kDisabled: return {403, "Forbidden", text, {}, {}, {}, "KeyDisabled"};
    case FaultKind::kNotYetValid: return {403, "Forbidden", text, {}, {}, {}, "KeyNotYetValid"};
    case FaultKind::kExpired: return {403, "Forbidden", text, {}, {}, {}, "KeyExpired"};
    case FaultKind::kOperationForbidden:
      return {403, "Forbidden", text, {}, {}, {}, "KeyOperationForbidden"};
    case FaultKind::kNotExportable: return {403, "Forbidden", text, {}, {}, {}, "KeyNotExportable"};
    case FaultKind::kImmutable:
      return {400, "BadParameter", text, {}, {}, {}, "ReleasePolicyImmutable"};
    case FaultKind::kForbidden: return {403, "Forbidden", text, {}, {}, {}, "NotApproved"};
    case FaultKind::kNotSupported: return {400, "NotSupported", text, {}};
    case FaultKind::kUnavailable:
      return {503, "ServiceUnavailable", "the vault cannot be read now; try again", {}};
    case FaultKind::kInternal: break;
  }
  return {500, "InternalError", "the service could not answer: see its log", {}};
}

}  // namespace

std::string KeyId(const KeyService& service, std::string_view name, std::string_view version) {
  return fmt::format("{}/keys/{}{}{}", service.url, name, version.empty() ? "" : "/", version);
}

json::Object KeyBundleJson(const KeyService& service, const KeyVersion& key) {
  json::Object out{{"key", PublicKeyJson(service, key)},
                   {"attributes", KeyAttributesJson(service, key.attributes)}};
  if (!key.tags.empty()) out.emplace_back("tags", KeyTagsJson(key.tags));
  if (key.release_policy) {
    out.emplace_back("release_policy",
                     json::Object{{"contentType", key.release_policy->content_type},
                                  {"data", Base64UrlEncode(key.release_policy->data)},
                                  {"immutable", key.release_policy->immutable}});
  }
  return out;
}

json::Object KeyItemJson(const KeyService& service, const KeyVersion& key, bool versioned) {
  json::Object out{{"kid", KeyId(service, key.name, versioned ? key.version : "")},
                   {"attributes", KeyAttributesJson(service, key.attributes)}};
  if (!key.tags.empty()) out.emplace_back("tags", KeyTagsJson(key.tags));
  return out;
}

void AddDeletion(const KeyService& service, const keys::DeletedKey& key, json::Object& out) {
  out.emplace_back("recoveryId", fmt::format("{}/deletedkeys/{}", service.url, key.current.name));
  out.emplace_back("deletedDate", UnixSeconds(key.deletion.at));
  out.emplace_back("scheduledPurgeDate", UnixSeconds(key.deletion.purge));
}

keys::Outcome<keys::KeyProperties> ReadKeyProperties(const json::Value& body) {
  keys::KeyProperties out;
  if (const json::Value* attributes = MemberOrNull(body, "attributes")) {
    if (attributes->AsObject() == nullptr) return BadMember("attributes", "an object");
    out.enabled = TRY(OptionalFlag(*attributes, "enabled"));
    out.not_before = TRY(OptionalSeconds(*attributes, "nbf"));
    out.expires = TRY(OptionalSeconds(*attributes, "exp"));
    out.exportable = TRY(OptionalFlag(*attributes, "exportable"));
  }
  if (const json::Value* operations = MemberOrNull(body, "key_ops")) {
    out.operations = TRY(ReadOperations(*operations));
  }
  if (const json::Value* tags = MemberOrNull(body, "tags")) out.tags = TRY(ReadTags(*tags));
  if (const json::Value* policy = MemberOrNull(body, "release_policy")) {
    out.release_policy = TRY(ReadReleasePolicy(*policy));
  }
  return out;
}

keys::Outcome<json::Value> KeyBodyOf(const HttpRequest& request) {
  json::Value out = TRY(json::Parse(request.body));
  if (out.AsObject() == nullptr) return BadMember("body", "a JSON object");
  return out;
}

keys::Outcome<Bytes> KeyBytes(const json::Value& body, std::string_view name) {
  const json::Value* const value = MemberOrNull(body, name);
  if (value == nullptr) return Bytes();
  auto out = value->AsString() != nullptr ? Base64UrlDecode(*value->AsString())
                                          : Fail(ErrorCode::kMalformed, "");
  if (!out) return BadMember(name, "base64url");
  return std::move(*out);
}

HttpResponse KeyFaultResponse(const KeyService& service, const Fault& fault) {
  const ApiError error = KeyError(fault);
  if (error.status >= 500 && service.report) service.report(fault.message);
  return ToResponse(error);
}

}  // namespace assay
