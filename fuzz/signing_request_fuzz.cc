// Certification requests of machines: whatever the bytes, it returns, and names are names.
#include <cstdlib>

#include "crypto/signing_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto request = ParseSigningRequest(std::as_bytes(std::span(data, size)));
  if (!request) return 0;
  for (const std::string& name : request->dns_names) {
    if (!IsDnsName(name)) std::abort();
  }
  return 0;
}
