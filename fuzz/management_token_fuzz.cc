// Tokens that change policies, from whoever reaches the management API: read under each trust
// model, and their payloads as each kind of change.
#include <cstddef>
#include <cstdint>

#include "provider/management_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const TrustModel model : {TrustModel::kAad, TrustModel::kIsolated, TrustModel::kShared}) {
    const auto token = ReadManagementToken(text, model, {}, FromUnixSeconds(1'800'000'000));
    if (!token) continue;
    if (model != TrustModel::kAad) __builtin_trap();  // nobody may sign here
    static_cast<void>(PolicyOf(*token));
    static_cast<void>(CheckReset(*token));
    static_cast<void>(CertificateOf(*token));
  }
  static_cast<void>(StoredPolicyText(text));
  // A payload by itself, as if its token had been admitted.
  const ManagementToken payload{{}, text, nullptr};
  static_cast<void>(PolicyOf(payload));
  static_cast<void>(CheckReset(payload));
  static_cast<void>(CertificateOf(payload));
  return 0;
}
