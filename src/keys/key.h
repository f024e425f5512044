// The keys of a vault: what clients see of them, and what is kept of them.
//
// A key has a name and versions. Each version has key material of its own, attributes, operations,
// tags and, if it may leave, a release policy. The newest version is the current one: it is meant
// where a request names none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/time.h"
#include "crypto/asymmetric_key.h"
#include "keys/fault.h"

namespace assay::keys {

enum class KeyKind { kRsa, kEc, kOct };

// What a key is made of: a size for RSA and oct, a curve for EC, an exponent for RSA.
struct KeySpec {
  KeyKind kind = KeyKind::kRsa;
  unsigned bits = 0;  // RSA: 2048, 3072, 4096; oct: 128, 192, 256
  NamedCurve curve = NamedCurve::kP256;
  std::uint32_t exponent = 65537;
  bool hsm = false;  // held by an HSM

  bool operator==(const KeySpec&) const = default;
};

// `kty`: the kind, and whether the vault itself holds the key or an HSM.
struct KeyType {
  KeyKind kind = KeyKind::kRsa;
  bool hsm = false;

  bool operator==(const KeyType&) const = default;
};

std::string_view Name(KeyKind kind);  // "RSA", "EC", "oct"
std::string_view Name(KeyType type);  // "RSA", "RSA-HSM"
Outcome<KeyType> KeyTypeOf(std::string_view name);
std::string_view Name(NamedCurve curve);
Outcome<NamedCurve> NamedCurveOf(std::string_view name);

enum class Operation { kEncrypt, kDecrypt, kSign, kVerify, kWrapKey, kUnwrapKey };

std::string_view Name(Operation operation);  // as in `key_ops`: "wrapKey"
// What keys of that kind can do: the default of key_ops.
std::vector<Operation> OperationsOf(KeyKind kind);
Outcome<std::vector<Operation>> ParseOperations(KeyKind kind,
                                                const std::vector<std::string>& names);

struct ReleasePolicy {
  std::string content_type;  // empty: the API's default, "application/json; charset=utf-8"
  Bytes data;                // as it was sent; release/ reads it
  bool immutable = false;

  bool operator==(const ReleasePolicy&) const = default;
};

struct Attributes {
  bool enabled = true;
  std::optional<Time> not_before, expires;
  Time created{}, updated{};
  bool exportable = false;
};

using Tags = std::map<std::string, std::string>;

// What everybody may know of a key's material. Parts of other kinds are empty.
struct PublicHalf {
  unsigned bits = 0;
  RsaPublicParts rsa;
  EcPublicParts ec;

  bool operator==(const PublicHalf&) const = default;
};

// One version. Everything here is authenticated by the seal over its material: who can write to the
// database can neither enable a key nor make it exportable.
struct KeyVersion : PublicHalf {
  std::string name;     // of the key, as it was first written
  std::string version;  // 32 hexadecimal digits
  KeyKind kind = KeyKind::kRsa;
  std::string hsm_object;  // its id in the HSM that holds the key (hsm.h); empty: the vault does
  Attributes attributes;
  std::vector<Operation> operations;
  Tags tags;
  std::optional<ReleasePolicy> release_policy;

  Bytes sealed;                    // the material (key_seal.h); of a key in an HSM nothing
  std::uint64_t revision = 0;      // of its entry in the store; not part of it
  std::uint64_t hsm_revision = 0;  // of a new one's entry in the HSM's journal; not part of it

  KeyType type() const { return {kind, !hsm_object.empty()}; }
  bool Allows(Operation operation) const;
  KeySpec Spec() const;  // of another key like it
};

// 0-9, a-z, A-Z and '-', 1 to 127 of them.
bool IsKeyName(std::string_view text);
bool IsKeyVersion(std::string_view text);
// Names differ in more than their case.
std::string FoldName(std::string_view name);

}  // namespace assay::keys
