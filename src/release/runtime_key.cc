#include "release/runtime_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/jose.h"
#include "release/condition.h"

namespace assay::release {
namespace {

bool IsOrHas(const json::Value* value, std::string_view wanted) {
  if (value == nullptr) return false;
  if (value->AsString() != nullptr) return *value->AsString() == wanted;
  const json::Array* list = value->AsArray();
  return list != nullptr && std::any_of(list->begin(), list->end(), [wanted](const json::Value& v) {
           return v.AsString() != nullptr && *v.AsString() == wanted;
         });
}

// "key_use" is what Azure's documents say, "use" what RFC 7517 §4.2 does.
constexpr std::array<std::string_view, 2> kUses = {"use", "key_use"};

bool IsForEncryption(const json::Value& jwk) {
  const json::Value* operations = jwk.Find("key_ops");
  return IsOrHas(operations, "encrypt") || IsOrHas(operations, "wrapKey") ||
         std::any_of(kUses.begin(), kUses.end(),
                     [&jwk](std::string_view name) { return IsOrHas(jwk.Find(name), "enc"); });
}

// RFC 7517 §4.3: what use and key_ops say has to be consistent.
bool ContradictsItself(const json::Value& jwk) {
  const json::Value* operations = jwk.Find("key_ops");
  if (operations != nullptr && !IsOrHas(operations, "encrypt") && !IsOrHas(operations, "wrapKey")) {
    return true;
  }
  return std::any_of(kUses.begin(), kUses.end(), [&jwk](std::string_view name) {
    return jwk.Find(name) != nullptr && !IsOrHas(jwk.Find(name), "enc");
  });
}

Judged<Bytes> Member(const json::Value& jwk, std::string_view name) {
  const json::Value* text = jwk.Find(name);
  Result<Bytes> bytes = text != nullptr && text->AsString() != nullptr
                            ? Base64UrlDecode(*text->AsString())
                            : Result<Bytes>(Bytes{});
  if (bytes) {
    bytes->erase(bytes->begin(), std::find_if(bytes->begin(), bytes->end(),
                                              [](std::byte b) { return b != std::byte{0}; }));
  }
  if (bytes && !bytes->empty()) return std::move(*bytes);
  return Deny(Reason::kRuntimeKeyMalformed,
              fmt::format("runtime key: expected {} in base64url", name));
}

int BitsOf(const Bytes& number) {
  return static_cast<int>((number.size() - 1) * 8) +
         static_cast<int>(std::bit_width(ToU8(number.front())));
}

Judged<std::string> KidOf(const json::Value& jwk) {
  const json::Value* kid = jwk.Find("kid");
  if (kid != nullptr && kid->AsString() != nullptr && !kid->AsString()->empty()) {
    return *kid->AsString();
  }
  return Deny(Reason::kRuntimeKeyMalformed, "runtime key: expected a kid");
}

Judged<RuntimeKey> KeyOf(const json::Value& jwk) {
  const Bytes modulus = TRY(Member(jwk, "n"));
  const Bytes exponent = TRY(Member(jwk, "e"));
  const int bits = BitsOf(modulus);
  if (bits < limits::kRsaLeastBits) {
    return Deny(Reason::kRuntimeKeyWeak,
                fmt::format("runtime key: expected RSA of {} bits or more, found {}",
                            limits::kRsaLeastBits, bits));
  }
  if (bits > limits::kRsaMostBits) {
    return Deny(Reason::kRuntimeKeyMalformed,
                fmt::format("runtime key: expected RSA of {} bits at most, found {}",
                            limits::kRsaMostBits, bits));
  }
  const bool odd = (ToU8(exponent.back()) & 1U) != 0;
  if (!odd || BitsOf(exponent) < 17 || BitsOf(exponent) > 64) {
    return Deny(Reason::kRuntimeKeyExponent,
                "runtime key: expected an odd exponent from 65537 on and below 2^64");
  }
  std::string kid = TRY(KidOf(jwk));
  Result<PublicKey> key = RsaPublicKey(modulus, exponent);
  if (!key) return Deny(Reason::kRuntimeKeyWeak, "runtime key: " + key.error().message);
  return RuntimeKey{std::move(kid), std::move(*key)};
}

Judged<const json::Array*> KeysIn(const json::Value& claims) {
  const json::Value* keys = FindClaim(claims, {"x-ms-runtime", "keys"});
  const json::Array* list = keys != nullptr ? keys->AsArray() : nullptr;
  if (list == nullptr) {
    return Deny(Reason::kRuntimeKeyAbsent,
                "runtime key: the token has no x-ms-runtime.keys; give the TEE's public key as "
                "runtime data when it is attested");
  }
  if (list->size() > limits::kJwksKeys) {
    return Deny(Reason::kRuntimeKeyMalformed,
                fmt::format("runtime key: expected at most {} keys", limits::kJwksKeys));
  }
  return list;
}

bool HasKidOf(const json::Value& first, const json::Value& second) {
  const json::Value* a = first.Find("kid");
  const json::Value* b = second.Find("kid");
  return a != nullptr && b != nullptr && SameScalar(*a, *b);
}

Judged<const json::Value*> Choose(const json::Array& keys) {
  const json::Value* chosen = nullptr;
  bool other_type = false;
  for (const json::Value& jwk : keys) {
    if (!IsForEncryption(jwk)) continue;
    if (!IsOrHas(jwk.Find("kty"), "RSA")) {
      other_type = true;
      continue;
    }
    if (chosen == nullptr) {
      chosen = &jwk;
    } else if (HasKidOf(*chosen, jwk)) {
      return Deny(Reason::kRuntimeKeyAmbiguous,
                  "runtime key: two keys for encryption have one kid");
    }
  }
  if (chosen == nullptr && other_type) {
    return Deny(Reason::kRuntimeKeyNotRsa, "runtime key: expected an RSA key for encryption");
  }
  if (chosen == nullptr) {
    return Deny(Reason::kRuntimeKeyAbsent,
                "runtime key: none of x-ms-runtime.keys is for encryption");
  }
  if (ContradictsItself(*chosen)) {
    return Deny(Reason::kRuntimeKeyAmbiguous,
                "runtime key: what its use and its key_ops say contradicts");
  }
  return chosen;
}

}  // namespace

Judged<RuntimeKey> FindRuntimeKey(const json::Value& claims) {
  const json::Array* keys = TRY(KeysIn(claims));
  return KeyOf(*TRY(Choose(*keys)));
}

}  // namespace assay::release
