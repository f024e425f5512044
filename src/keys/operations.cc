#include "keys/operations.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "crypto/digest_signature.h"
#include "keys/oct_operations.h"
#include "keys/rsa_operations.h"

namespace assay::keys {
namespace {

// About keys, "Date-time controlled operations": what opens and checks works outside the time.
bool NeedsValidTime(Operation operation) {
  return operation == Operation::kEncrypt || operation == Operation::kWrapKey ||
         operation == Operation::kSign;
}

Outcome<void> CheckMayUse(const KeyVersion& key, Operation operation, Time now) {
  const std::string_view what = Name(operation);
  const Attributes& attributes = key.attributes;
  if (!attributes.enabled) {
    return Refuse(FaultKind::kDisabled,
                  fmt::format("Operation {} is not allowed on a disabled key.", what));
  }
  if (!key.Allows(operation)) {
    return Refuse(FaultKind::kOperationForbidden,
                  fmt::format("Operation {} is not permitted on this key.", what));
  }
  if (!NeedsValidTime(operation)) return {};
  if (attributes.not_before && now < *attributes.not_before) {
    return Refuse(FaultKind::kNotYetValid,
                  fmt::format("Operation {} is not allowed on a key that is not yet valid: nbf is "
                              "{}.",
                              what, FormatTime(*attributes.not_before)));
  }
  if (attributes.expires && now >= *attributes.expires) {
    return Refuse(FaultKind::kExpired,
                  fmt::format("Operation {} is not allowed on an expired key: exp is {}.", what,
                              FormatTime(*attributes.expires)));
  }
  return {};
}

Outcome<void> Sign(const KeyMaterial& material, const OperationRequest& request,
                   OperationResult& out) {
  const auto algorithm = DigestSignatureOf(request.algorithm);
  if (!algorithm || !material.pair) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("alg: {} is no signature algorithm of this key",
                              request.algorithm.substr(0, 64)));
  }
  if (request.operation == Operation::kVerify) {
    out.valid = TRY(VerifyDigest(*material.pair, *algorithm, request.value, request.signature));
  } else {
    out.value = SecretBytes(View(TRY(SignDigest(*material.pair, *algorithm, request.value))));
  }
  return {};
}

}  // namespace

Outcome<OperationResult> Perform(Vault& vault, std::string_view name, std::string_view version,
                                 const OperationRequest& request, Time now) {
  if (request.value.size() > limits::kKeyOperationBytes) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("value: expected at most {} bytes, found {}",
                              limits::kKeyOperationBytes, request.value.size()));
  }
  OperationResult out;
  out.key = TRY(vault.Get(name, version));
  TRY_VOID(CheckMayUse(out.key, request.operation, now));
  const auto material = TRY(vault.Material(out.key));
  if (request.operation == Operation::kSign || request.operation == Operation::kVerify) {
    TRY_VOID(Sign(*material, request, out));
  } else if (out.key.kind == KeyKind::kOct) {
    TRY_VOID(PerformOct(material->oct, request, out));
  } else {
    TRY_VOID(PerformRsa(*material->pair, vault.options().allow_rsa1_5, request, out));
  }
  return out;
}

}  // namespace assay::keys
