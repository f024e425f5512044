// UEFI variable stores, and the Secure Boot policy that they make.
#include "measure/secure_boot_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto variables = measure::UefiVariables::FromStore(std::as_bytes(std::span(data, size)));
  if (!variables) return 0;
  (void)measure::SecureBootEvents(*variables, {}, {measure::HashAlgorithm::kSha256});
  return 0;
}
