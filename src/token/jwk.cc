#include "token/jwk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay {
namespace {

Result<Bytes> Part(const json::Value& jwk, std::string_view name) {
  const std::string text = TRY(jwk.String(name, "jwk"));
  if (text.find('=') != std::string::npos) {
    return Fail(ErrorCode::kMalformed, fmt::format("jwk.{}: base64url has no padding", name));
  }
  return Base64UrlDecode(text);
}

Result<PublicKey> EcKey(const json::Value& jwk) {
  const std::string curve = TRY(jwk.String("crv", "jwk"));
  if (curve != "P-256" && curve != "P-384") {
    return Fail(ErrorCode::kUnsupported, "jwk.crv: expected P-256 or P-384");
  }
  const std::size_t size = curve == "P-256" ? 32 : 48;
  Bytes point = TRY(Part(jwk, "x"));
  const Bytes y = TRY(Part(jwk, "y"));
  // Each has the curve's full size (RFC 7518 §6.2.1.2).
  if (point.size() != size || y.size() != size) {
    return Fail(ErrorCode::kMalformed, fmt::format("jwk: expected x and y of {} bytes", size));
  }
  Append(point, y);
  return PublicKey::FromPoint(curve == "P-256" ? Curve::kP256 : Curve::kP384, point);
}

Result<PublicKey> KeyOf(const json::Value& jwk) {
  const std::string type = TRY(jwk.String("kty", "jwk"));
  if (type == "RSA") return RsaPublicKey(TRY(Part(jwk, "n")), TRY(Part(jwk, "e")));
  if (type == "EC") return EcKey(jwk);
  return Fail(ErrorCode::kUnsupported, "jwk.kty: expected RSA or EC");
}

Result<void> CheckUse(const json::Value& jwk) {
  if (const json::Value* use = jwk.Find("use")) {
    if (use->AsString() == nullptr || *use->AsString() != "sig") {
      return Fail(ErrorCode::kUnsupported, "jwk.use: expected sig");
    }
  }
  const json::Value* operations = jwk.Find("key_ops");
  if (operations == nullptr) return {};
  const json::Array* list = operations->AsArray();
  const bool verifies =
      list != nullptr && std::any_of(list->begin(), list->end(), [](const json::Value& value) {
        return value.AsString() != nullptr && *value.AsString() == "verify";
      });
  if (!verifies) return Fail(ErrorCode::kUnsupported, "jwk.key_ops: expected verify among them");
  return {};
}

Result<std::vector<JwsAlgorithm>> AllowedOf(const json::Value& jwk, const PublicKey& key) {
  const std::vector<JwsAlgorithm> possible = AlgorithmsOf(key);
  if (jwk.Find("alg") == nullptr) return std::vector<JwsAlgorithm>{possible.at(0)};
  const auto named = JwsAlgorithmOf(TRY(jwk.String("alg", "jwk")));
  if (!named || std::find(possible.begin(), possible.end(), *named) == possible.end()) {
    return Fail(ErrorCode::kUnsupported, "jwk.alg: no signature algorithm of this key's type");
  }
  return std::vector<JwsAlgorithm>{*named};
}

}  // namespace

Result<VerificationKey> ParseJwk(const json::Value& jwk) {
  if (jwk.AsObject() == nullptr) return Fail(ErrorCode::kMalformed, "jwk: expected an object");
  TRY_VOID(CheckUse(jwk));
  PublicKey key = TRY(KeyOf(jwk));
  std::vector<JwsAlgorithm> algorithms = TRY(AllowedOf(jwk, key));
  std::string kid;
  if (jwk.Find("kid") != nullptr) kid = TRY(jwk.String("kid", "jwk"));
  return VerificationKey{std::move(kid), std::move(key), std::move(algorithms)};
}

Result<std::vector<VerificationKey>> ParseJwks(std::string_view text) {
  const json::Value set = TRY(json::Parse(text));
  const json::Array* keys = TRY(set.List("keys", "jwks"));
  if (keys->size() > limits::kJwksKeys) {
    return Fail(ErrorCode::kMalformed, fmt::format("key set: expected at most {} keys, found {}",
                                                   limits::kJwksKeys, keys->size()));
  }
  std::vector<VerificationKey> out;
  std::string why = "it is empty";
  for (const json::Value& jwk : *keys) {
    Result<VerificationKey> key = ParseJwk(jwk);
    if (!key) {
      why = key.error().message;
      continue;
    }
    const auto same = [&key](const VerificationKey& other) { return other.kid == key->kid; };
    if (std::any_of(out.begin(), out.end(), same)) {
      return Fail(ErrorCode::kMalformed, "key set: two keys have the kid \"" + key->kid + "\"");
    }
    out.push_back(std::move(*key));
  }
  if (out.empty()) {
    return Fail(ErrorCode::kMissing, "key set: expected a key for signatures, found none: " + why);
  }
  return out;
}

}  // namespace assay
