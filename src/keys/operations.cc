#include "keys/operations.h"

#include <fmt/format.h>

#include "base/limits.h"
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

Outcome<void> SignOrVerify(const UsableKey& key, const OperationRequest& request,
                           OperationResult& out) {
  const auto algorithm = DigestSignatureOf(request.algorithm);
  if (!algorithm || out.key.kind == KeyKind::kOct) {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("alg: {} is no signature algorithm of this key",
                              request.algorithm.substr(0, 64)));
  }
  if (request.operation == Operation::kVerify) {
    out.valid = TRY(key.Verify(*algorithm, request.value, request.signature));
  } else {
    out.value = SecretBytes(View(TRY(key.Sign(*algorithm, request.value))));
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
  const UsableKeyPtr key = TRY(vault.OpenKey(out.key));
  if (request.operation == Operation::kSign || request.operation == Operation::kVerify) {
    TRY_VOID(SignOrVerify(*key, request, out));
  } else if (out.key.kind == KeyKind::kOct) {
    TRY_VOID(PerformOct(*key, out.key.bits / 8, request, out));
  } else {
    TRY_VOID(PerformRsa(*key, vault.options().allow_rsa1_5, request, out));
  }
  return out;
}

}  // namespace assay::keys
