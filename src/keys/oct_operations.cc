#include "keys/oct_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/aes_cbc.h"
#include "crypto/aes_cfb.h"
#include "crypto/aes_gcm.h"
#include "crypto/aes_key_wrap.h"
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
Outcome<void> Gcm(const SecretBytes& key, const OperationRequest& request, OperationResult& out) {
  if (request.operation == Operation::kDecrypt) {
    out.value = TRY(OpenGcm(key.view(), request.aad, {request.iv, request.value, request.tag}));
    return {};
  }
  if (!request.iv.empty()) {
    return Refuse(FaultKind::kBadParameter,
                  "iv: AES-GCM takes none to encrypt; the answer has the one that was drawn");
  }
  GcmSealed sealed = TRY(SealGcm(key.view(), request.aad, request.value));
  out.value = SecretBytes(View(sealed.text));
  out.iv = std::move(sealed.iv);
  out.tag = std::move(sealed.tag);
  out.aad = request.aad;
  return {};
}

Outcome<void> Cbc(const SecretBytes& key, CbcPadding padding, const OperationRequest& request,
                  OperationResult& out) {
  out.iv = request.iv;
  if (request.operation == Operation::kDecrypt) {
    out.value = TRY(DecryptAesCbc(key.view(), request.iv, padding, request.value));
    return {};
  }
  if (out.iv.empty()) out.iv = TRY(RandomBytes(kAesBlockBytes));
  out.value = SecretBytes(View(TRY(EncryptAesCbc(key.view(), out.iv, padding, request.value))));
  return {};
}

Outcome<void> Wrap(const SecretBytes& key, bool padded, const OperationRequest& request,
                   OperationResult& out) {
  if (request.operation == Operation::kUnwrapKey) {
    out.value = padded ? TRY(UnwrapAesKwp(key.view(), request.value))
                       : TRY(UnwrapAesKw(key.view(), request.value));
    return {};
  }
  const Bytes wrapped = padded ? TRY(WrapAesKwp(key.view(), request.value))
                               : TRY(WrapAesKw(key.view(), request.value));
  out.value = SecretBytes(View(wrapped));
  return {};
}

}  // namespace

Outcome<void> PerformOct(const SecretBytes& key, const OperationRequest& request,
                         OperationResult& out) {
  switch (TRY(ModeOf(request, key.size()))) {
    case OctMode::kGcm: return Gcm(key, request, out);
    case OctMode::kCbc: return Cbc(key, CbcPadding::kNone, request, out);
    case OctMode::kCbcPad: return Cbc(key, CbcPadding::kPkcs7, request, out);
    case OctMode::kKw: return Wrap(key, false, request, out);
    case OctMode::kKwp: return Wrap(key, true, request, out);
  }
  return {};
}

}  // namespace assay::keys
