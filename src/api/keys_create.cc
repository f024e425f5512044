// POST /keys/{key-name}/create, PUT /keys/{key-name}: keys that the vault makes, and that come to
// it.
#include "api/key_json.h"
#include "api/machine_json.h"

namespace assay {
namespace {

using keys::FaultKind;
using keys::KeyKind;

constexpr unsigned kDefaultRsaBits = 2048;
constexpr unsigned kDefaultOctBits = 256;

keys::Outcome<std::string> KeyText(const json::Value& body, std::string_view name) {
  return TRY(body.String(name, "key"));
}

// Nothing where it is absent.
keys::Outcome<std::optional<std::uint32_t>> OptionalNumber(const json::Value& body,
                                                           std::string_view name) {
  const json::Value* const value = body.Find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->AsInt() == nullptr || *value->AsInt() < 0 || *value->AsInt() > INT32_MAX) {
    return keys::Refuse(FaultKind::kBadParameter, std::string(name) + ": expected a number");
  }
  return static_cast<std::uint32_t>(*value->AsInt());
}

keys::Outcome<keys::KeySpec> ReadSpec(const json::Value& body) {
  keys::KeySpec out;
  const keys::KeyType type = TRY(keys::KeyTypeOf(TRY(KeyText(body, "kty"))));
  out.kind = type.kind;
  out.hsm = type.hsm;
  const auto bits = TRY(OptionalNumber(body, "key_size"));
  switch (out.kind) {
    case KeyKind::kRsa:
      out.bits = bits.value_or(kDefaultRsaBits);
      out.exponent = TRY(OptionalNumber(body, "public_exponent")).value_or(out.exponent);
      break;
    case KeyKind::kOct: out.bits = bits.value_or(kDefaultOctBits); break;
    case KeyKind::kEc: {
      const json::Value* const curve = body.Find("crv");
      if (curve == nullptr || curve->is_null()) break;
      out.curve = TRY(keys::NamedCurveOf(TRY(KeyText(body, "crv"))));
      break;
    }
  }
  return out;
}

// A secret part; the copy that JSON reading makes of it is cleansed.
keys::Outcome<SecretBytes> SecretPart(const json::Value& jwk, std::string_view name) {
  Bytes bytes = TRY(KeyBytes(jwk, name));
  if (bytes.empty()) {
    return keys::Refuse(FaultKind::kBadParameter,
                        "key." + std::string(name) + ": it is missing; the key cannot do without");
  }
  SecretBytes out{View(bytes)};
  Cleanse(bytes);
  return out;
}

keys::Outcome<AsymmetricKey> ReadRsa(const json::Value& jwk) {
  RsaPrivateParts secret;
  secret.d = TRY(SecretPart(jwk, "d"));
  secret.p = TRY(SecretPart(jwk, "p"));
  secret.q = TRY(SecretPart(jwk, "q"));
  secret.dp = TRY(SecretPart(jwk, "dp"));
  secret.dq = TRY(SecretPart(jwk, "dq"));
  secret.qi = TRY(SecretPart(jwk, "qi"));
  RsaPublicParts public_parts;
  public_parts.n = TRY(KeyBytes(jwk, "n"));
  public_parts.e = TRY(KeyBytes(jwk, "e"));
  return TRY(AsymmetricKey::FromRsa(public_parts, secret));
}

keys::Outcome<AsymmetricKey> ReadEc(const json::Value& jwk) {
  EcPublicParts public_parts;
  public_parts.curve = TRY(keys::NamedCurveOf(TRY(KeyText(jwk, "crv"))));
  const SecretBytes d = TRY(SecretPart(jwk, "d"));
  public_parts.x = TRY(KeyBytes(jwk, "x"));
  public_parts.y = TRY(KeyBytes(jwk, "y"));
  return TRY(AsymmetricKey::FromEc(public_parts, d.view()));
}

keys::Outcome<keys::ImportedKey> ReadImportedKey(const json::Value& jwk) {
  if (jwk.AsObject() == nullptr) {
    return keys::Refuse(FaultKind::kBadParameter, "key: expected a JSON Web Key");
  }
  if (const json::Value* transfer = jwk.Find("key_hsm"); transfer && !transfer->is_null()) {
    return keys::Refuse(FaultKind::kNotSupported,
                        "key.key_hsm: a key that another HSM has wrapped is not taken; send its "
                        "parts");
  }
  keys::ImportedKey out;
  const keys::KeyType type = TRY(keys::KeyTypeOf(TRY(KeyText(jwk, "kty"))));
  out.kind = type.kind;
  out.hsm = type.hsm;
  switch (out.kind) {
    case KeyKind::kRsa: out.pair = TRY(ReadRsa(jwk)); break;
    case KeyKind::kEc: out.pair = TRY(ReadEc(jwk)); break;
    case KeyKind::kOct: out.oct = TRY(SecretPart(jwk, "k")); break;
  }
  return out;
}

keys::Outcome<keys::KeyVersion> Create(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const keys::KeySpec spec = TRY(ReadSpec(body));
  const keys::KeyProperties properties = TRY(ReadKeyProperties(body));
  return call.service.vault.Create(call.name, spec, properties, call.service.clock());
}

keys::Outcome<keys::KeyVersion> Import(const KeyCall& call) {
  const json::Value body = TRY(KeyBodyOf(call.request));
  const json::Value* const hsm = body.Find("Hsm");
  const json::Value* const jwk = body.Find("key");
  if (jwk == nullptr) return keys::Refuse(FaultKind::kBadParameter, "key: it is missing");
  keys::ImportedKey key = TRY(ReadImportedKey(*jwk));
  if (hsm != nullptr && hsm->AsBool() != nullptr && *hsm->AsBool()) key.hsm = true;
  keys::KeyProperties properties = TRY(ReadKeyProperties(body));
  // Here they stand in the key.
  properties.operations = TRY(ReadKeyProperties(*jwk)).operations;
  return call.service.vault.Import(call.name, key, properties, call.service.clock());
}

HttpResponse AnswerKey(const KeyCall& call, const keys::Outcome<keys::KeyVersion>& key) {
  if (!key) return KeyFaultResponse(call.service, key.error());
  return JsonResponse(KeyBundleJson(call.service, *key));
}

}  // namespace

HttpResponse CreateKey(const KeyCall& call) { return AnswerKey(call, Create(call)); }

HttpResponse ImportKey(const KeyCall& call) { return AnswerKey(call, Import(call)); }

}  // namespace assay
