#include "keys/key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace assay::keys {
namespace {

constexpr std::array kOperations = {Operation::kEncrypt, Operation::kDecrypt,
                                    Operation::kSign,    Operation::kVerify,
                                    Operation::kWrapKey, Operation::kUnwrapKey};
constexpr std::array kCurves = {NamedCurve::kP256, NamedCurve::kP384, NamedCurve::kP521,
                                NamedCurve::kP256K};

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string_view Name(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa: return "RSA";
    case KeyKind::kEc: return "EC";
    case KeyKind::kOct: return "oct";
  }
  return "";
}

std::string_view Name(NamedCurve curve) {
  switch (curve) {
    case NamedCurve::kP256: return "P-256";
    case NamedCurve::kP384: return "P-384";
    case NamedCurve::kP521: return "P-521";
    case NamedCurve::kP256K: return "P-256K";
  }
  return "";
}

std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kEncrypt: return "encrypt";
    case Operation::kDecrypt: return "decrypt";
    case Operation::kSign: return "sign";
    case Operation::kVerify: return "verify";
    case Operation::kWrapKey: return "wrapKey";
    case Operation::kUnwrapKey: return "unwrapKey";
  }
  return "";
}

Outcome<NamedCurve> NamedCurveOf(std::string_view name) {
  for (const NamedCurve curve : kCurves) {
    if (Name(curve) == name) return curve;
  }
  return Refuse(FaultKind::kBadParameter,
                fmt::format("crv: expected P-256, P-384, P-521 or P-256K, found {}", name));
}

std::string_view Name(KeyType type) {
  if (!type.hsm) return Name(type.kind);
  switch (type.kind) {
    case KeyKind::kRsa: return "RSA-HSM";
    case KeyKind::kEc: return "EC-HSM";
    case KeyKind::kOct: return "oct-HSM";
  }
  return "";
}

Outcome<KeyType> KeyTypeOf(std::string_view name) {
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kEc, KeyKind::kOct}) {
    for (const bool hsm : {false, true}) {
      if (Name(KeyType{kind, hsm}) == name) return KeyType{kind, hsm};
    }
  }
  return Refuse(FaultKind::kBadParameter,
                fmt::format("kty: expected RSA, EC or oct, or one of them with -HSM, found {}",
                            name.substr(0, 64)));
}

std::vector<Operation> OperationsOf(KeyKind kind) {
  using enum Operation;
  switch (kind) {
    case KeyKind::kRsa: return {kEncrypt, kDecrypt, kSign, kVerify, kWrapKey, kUnwrapKey};
    case KeyKind::kEc: return {kSign, kVerify};
    case KeyKind::kOct: return {kEncrypt, kDecrypt, kWrapKey, kUnwrapKey};
  }
  return {};
}

Outcome<std::vector<Operation>> ParseOperations(KeyKind kind,
                                                const std::vector<std::string>& names) {
  const std::vector<Operation> possible = OperationsOf(kind);
  std::vector<Operation> out;
  for (const std::string& name : names) {
    const auto* const found = std::find_if(kOperations.begin(), kOperations.end(),
                                           [&](Operation one) { return Name(one) == name; });
    if (found == kOperations.end()) {
      return Refuse(FaultKind::kBadParameter, fmt::format("key_ops: {} is no operation", name));
    }
    if (std::find(possible.begin(), possible.end(), *found) == possible.end()) {
      return Refuse(FaultKind::kBadParameter,
                    fmt::format("key_ops: {} keys cannot {}", Name(kind), name));
    }
    if (std::find(out.begin(), out.end(), *found) == out.end()) out.push_back(*found);
  }
  return out;
}

bool KeyVersion::Allows(Operation operation) const {
  return std::find(operations.begin(), operations.end(), operation) != operations.end();
}

KeySpec KeyVersion::Spec() const {
  KeySpec out;
  out.kind = kind;
  out.bits = bits;
  out.curve = ec.curve;
  out.hsm = type().hsm;
  if (kind != KeyKind::kRsa) return out;
  out.exponent = 0;
  for (const std::byte b : rsa.e) out.exponent = out.exponent << 8U | ToU8(b);
  return out;
}

bool IsKeyName(std::string_view text) {
  return !text.empty() && text.size() <= limits::kKeyNameBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '-' || IsAlphanumeric(c); });
}

bool IsKeyVersion(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string FoldName(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace assay::keys
