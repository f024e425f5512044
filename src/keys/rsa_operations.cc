#include "keys/rsa_operations.h"

#include <fmt/format.h>

namespace assay::keys {
namespace {

Outcome<RsaCipher> RsaCipherOf(std::string_view algorithm, bool allow_rsa1_5) {
  if (algorithm == "RSA-OAEP") return RsaCipher::kOaepSha1;
  if (algorithm == "RSA-OAEP-256") return RsaCipher::kOaepSha256;
  if (algorithm != "RSA1_5") {
    return Refuse(FaultKind::kBadParameter,
                  fmt::format("alg: expected RSA-OAEP-256 or RSA-OAEP for this key, found {}",
                              algorithm.substr(0, 64)));
  }
  if (allow_rsa1_5) return RsaCipher::kPkcs1;
  return Refuse(FaultKind::kNotSupported,
                "alg: RSA1_5 is closed at this vault, as its padding tells too much; use "
                "RSA-OAEP-256");
}

}  // namespace

Outcome<void> PerformRsa(const UsableKey& key, bool allow_rsa1_5, const OperationRequest& request,
                         OperationResult& out) {
  const RsaCipher cipher = TRY(RsaCipherOf(request.algorithm, allow_rsa1_5));
  const bool seals =
      request.operation == Operation::kEncrypt || request.operation == Operation::kWrapKey;
  if (seals) {
    out.value = SecretBytes(View(TRY(key.Encrypt(cipher, request.value))));
  } else {
    out.value = TRY(key.Decrypt(cipher, request.value));
  }
  return {};
}

}  // namespace assay::keys
