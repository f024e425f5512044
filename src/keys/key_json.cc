#include "keys/key_json.h"

#include "base/encoding.h"

namespace assay::keys {
namespace {

constexpr std::string_view kWhereKey = "key version";

json::Value TimeJson(const std::optional<Time>& time) {
  return time ? json::Value(UnixSeconds(*time)) : json::Value();
}

Result<std::optional<Time>> OptionalTime(const json::Value& document, std::string_view name) {
  const json::Value* const value = document.Find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return FromUnixSeconds(TRY(document.Int(name, kWhereKey)));
}

Result<bool> Flag(const json::Value& document, std::string_view name) {
  const json::Value* const value = document.Find(name);
  if (value == nullptr || value->AsBool() == nullptr) {
    return Fail(ErrorCode::kMalformed,
                "key version: expected true or false for " + std::string(name));
  }
  return *value->AsBool();
}

Result<Bytes> Base64Of(const json::Value& document, std::string_view name) {
  return Base64UrlDecode(TRY(document.String(name, kWhereKey)));
}

json::Object AttributesJson(const Attributes& from) {
  return {{"enabled", from.enabled},
          {"nbf", TimeJson(from.not_before)},
          {"exp", TimeJson(from.expires)},
          {"created", UnixSeconds(from.created)},
          {"updated", UnixSeconds(from.updated)},
          {"exportable", from.exportable}};
}

Result<Attributes> AttributesFrom(const json::Value& document) {
  Attributes out;
  out.enabled = TRY(Flag(document, "enabled"));
  out.not_before = TRY(OptionalTime(document, "nbf"));
  out.expires = TRY(OptionalTime(document, "exp"));
  out.created = FromUnixSeconds(TRY(document.Int("created", kWhereKey)));
  out.updated = FromUnixSeconds(TRY(document.Int("updated", kWhereKey)));
  out.exportable = TRY(Flag(document, "exportable"));
  return out;
}

json::Value PolicyJson(const std::optional<ReleasePolicy>& policy) {
  if (!policy) return {};
  return json::Object{{"contentType", policy->content_type},
                      {"data", Base64UrlEncode(policy->data)},
                      {"immutable", policy->immutable}};
}

Result<std::optional<ReleasePolicy>> PolicyFrom(const json::Value* document) {
  if (document == nullptr || document->is_null()) return std::nullopt;
  ReleasePolicy out;
  out.content_type = TRY(document->String("contentType", kWhereKey));
  out.data = TRY(Base64Of(*document, "data"));
  out.immutable = TRY(Flag(*document, "immutable"));
  return out;
}

json::Object TagsJson(const Tags& tags) {
  json::Object out;
  for (const auto& [name, value] : tags) out.emplace_back(name, value);
  return out;
}

Result<Tags> TagsFrom(const json::Value* document) {
  Tags out;
  if (document == nullptr || document->AsObject() == nullptr) {
    return Fail(ErrorCode::kMalformed, "key version: expected tags");
  }
  for (const auto& [name, value] : *document->AsObject()) {
    if (value.AsString() == nullptr) {
      return Fail(ErrorCode::kMalformed, "key version: expected tags of text");
    }
    out.emplace(name, *value.AsString());
  }
  return out;
}

Result<void> ReadType(const json::Value& document, KeyVersion& out) {
  const auto type = KeyTypeOf(TRY(document.String("kty", kWhereKey)));
  if (!type) return Fail(ErrorCode::kMalformed, type.error().message);
  out.kind = type->kind;
  if (type->hsm) out.hsm_object = TRY(document.String("hsm_object", kWhereKey));
  if (out.type() == *type) return {};
  return Fail(ErrorCode::kMalformed, "key version: expected the id of its object in the HSM");
}

Result<void> ReadPublicHalf(const json::Value& document, KeyVersion& out) {
  switch (out.kind) {
    case KeyKind::kRsa:
      out.rsa.n = TRY(Base64Of(document, "n"));
      out.rsa.e = TRY(Base64Of(document, "e"));
      break;
    case KeyKind::kEc: {
      const auto curve = NamedCurveOf(TRY(document.String("crv", kWhereKey)));
      if (!curve) return Fail(ErrorCode::kMalformed, curve.error().message);
      out.ec.curve = *curve;
      out.ec.x = TRY(Base64Of(document, "x"));
      out.ec.y = TRY(Base64Of(document, "y"));
      break;
    }
    case KeyKind::kOct: break;
  }
  return {};
}

}  // namespace

json::Object MetadataJson(const KeyVersion& version) {
  json::Object out{{"name", version.name},
                   {"version", version.version},
                   {"kty", Name(version.type())},
                   {"bits", version.bits}};
  if (!version.hsm_object.empty()) out.emplace_back("hsm_object", version.hsm_object);
  if (version.kind == KeyKind::kRsa) {
    out.emplace_back("n", Base64UrlEncode(version.rsa.n));
    out.emplace_back("e", Base64UrlEncode(version.rsa.e));
  } else if (version.kind == KeyKind::kEc) {
    out.emplace_back("crv", Name(version.ec.curve));
    out.emplace_back("x", Base64UrlEncode(version.ec.x));
    out.emplace_back("y", Base64UrlEncode(version.ec.y));
  }
  json::Array operations;
  for (const Operation one : version.operations) operations.emplace_back(Name(one));
  out.emplace_back("attributes", AttributesJson(version.attributes));
  out.emplace_back("key_ops", std::move(operations));
  out.emplace_back("tags", TagsJson(version.tags));
  out.emplace_back("release_policy", PolicyJson(version.release_policy));
  return out;
}

Result<KeyVersion> MetadataFromJson(const json::Value& document) {
  KeyVersion out;
  out.name = TRY(document.String("name", kWhereKey));
  out.version = TRY(document.String("version", kWhereKey));
  TRY_VOID(ReadType(document, out));
  out.bits = static_cast<unsigned>(TRY(document.Int("bits", kWhereKey)));
  TRY_VOID(ReadPublicHalf(document, out));
  const json::Value* const attributes = document.Find("attributes");
  if (attributes == nullptr) {
    return Fail(ErrorCode::kMalformed, "key version: expected attributes");
  }
  out.attributes = TRY(AttributesFrom(*attributes));
  std::vector<std::string> names;
  for (const json::Value& one : *TRY(document.List("key_ops", kWhereKey))) {
    if (one.AsString() == nullptr) {
      return Fail(ErrorCode::kMalformed, "key version: expected key_ops of text");
    }
    names.push_back(*one.AsString());
  }
  const auto operations = ParseOperations(out.kind, names);
  if (!operations) return Fail(ErrorCode::kMalformed, operations.error().message);
  out.operations = *operations;
  out.tags = TRY(TagsFrom(document.Find("tags")));
  out.release_policy = TRY(PolicyFrom(document.Find("release_policy")));
  return out;
}

}  // namespace assay::keys
