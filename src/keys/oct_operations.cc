#include "keys/oct_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/aes_cfb.h"
#include "crypto/signing_key.h"

namespace assay::keys {
namespace {

enum class OctMode { kGcm, kCbc, kCbcPad, kKw, kKwp };

struct OctAlgorithm {
  std::string_view name;
  OctMode mode;
  std::size_t key_bytes;  // 0: any
};

constexpr std::array kOctAlgorithms = std::to_array<OctAlgorithm>({
    {"A128GCM", OctMode::kGcm, 16},
    {"A192GCM", OctMode::kGcm, 24},
    {"A256GCM", OctMode::kGcm, 32},
    {"A128CBC", OctMode::kCbc, 16},
    {"A192CBC", OctMode::kCbc, 24},
    {"A256CBC", OctMode::kCbc, 32},
    {"A128CBCPAD", OctMode::kCbcPad, 16},
    {"A192CBCPAD", OctMode::kCbcPad, 24},
    {"A256CBCPAD", OctMode::kCbcPad, 32},
    {"A128KW", OctMode::kKw, 16},
    {"A192KW", OctMode::kKw, 24},
    {"A256KW", OctMode::kKw, 32},
    {"CKM_AES_KEY_WRAP", OctMode::kKw, 0},
    {"CKM_AES_KEY_WRAP_PAD", OctMode::kKwp, 0},
});

bool Wraps(OctMode mode) { return mode == OctMode::kKw || mode == OctMode::kKwp; }

Outcome<OctMode> ModeOf(const OperationRequest& request, std::size_t key_bytes) {
  const bool wraps =
      request.operation == Operation::kWrapKey || request.operation == Operation::kUnwrapKey;
  const auto* const found =
      std::find_if(kOctAlgorithms.begin(), kOctAlgorithms.end(), [&](const OctAlgorithm& one) {
        return one.name == request.algorithm && Wraps(one.mode) == wraps;
      });
  if (found == kOctAlgorithms.end()) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("alg: {} is no algorithm to {} with an oct key",
                              request.algorithm.substr(0, 64), Name(request.operation)));
  }
  if (found->key_bytes != 0 && found->key_bytes != key_bytes) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("alg: {} is for keys of {} bits, and this has {}", found->name,
                              found->key_bytes * 8, key_bytes * 8));
  }
  return found->mode;
}

// The IV is the vault's: a client that repeated one would open both texts and forge more.
Outcome<void> Gcm(const UsableKey& key, const OperationRequest& request, OperationResult& out) {
  if (request.operation == Operation::kDecrypt) {
    out.value = TRY(key.OpenGcm(request.aad, {request.iv, request.value, request.tag}));
    return {};
  }
  if (!request.iv.empty()) {
    return Refuse(FaultKind::kBadParameter,
                  "iv: AES-GCM takes none to encrypt; the answer has the one that was drawn");
  }
  GcmSealed sealed = TRY(key.SealGcm(request.aad, request.value));
  out.value = SecretBytes(View(sealed.text));
  out.iv = std::move(sealed.iv);
  out.tag = std::move(sealed.tag);
  out.aad = request.aad;
  return {};
}

Outcome<void> Cbc(const UsableKey& key, CbcPadding padding, const OperationRequest& request,
                  OperationResult& out) {
  out.iv = request.iv;
  if (request.operation == Operation::kDecrypt) {
    out.value = TRY(key.DecryptCbc(request.iv, padding, request.value));
    return {};
  }
  if (out.iv.empty()) out.iv = TRY(RandomBytes(kAesBlockBytes));
  out.value = SecretBytes(View(TRY(key.EncryptCbc(out.iv, padding, request.value))));
  return {};
}

Outcome<void> WrapOrUnwrap(const UsableKey& key, KeyWrap wrap, const OperationRequest& request,
                           OperationResult& out) {
  if (request.operation == Operation::kUnwrapKey) {
    out.value = TRY(key.Unwrap(wrap, request.value));
  } else {
    out.value = SecretBytes(View(TRY(key.Wrap(wrap, request.value))));
  }
  return {};
}

}  // namespace

Outcome<void> PerformOct(const UsableKey& key, std::size_t key_bytes,
                         const OperationRequest& request, OperationResult& out) {
  switch (TRY(ModeOf(request, key_bytes))) {
    case OctMode::kGcm: return Gcm(key, request, out);
    case OctMode::kCbc: return Cbc(key, CbcPadding::kNone, request, out);
    case OctMode::kCbcPad: return Cbc(key, CbcPadding::kPkcs7, request, out);
    case OctMode::kKw: return WrapOrUnwrap(key, KeyWrap::kKw, request, out);
    case OctMode::kKwp: return WrapOrUnwrap(key, KeyWrap::kKwp, request, out);
  }
  return {};
}

}  // namespace assay::keys
