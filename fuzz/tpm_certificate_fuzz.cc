// Certificates of TPMs and devices: whatever the bytes, reading their extensions must return.
#include "tee/tpm/certificate_path.h"
#include "tee/tpm/identity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto certificate = Certificate::FromDer(std::as_bytes(std::span(data, size)));
  if (!certificate) return 0;
  (void)tpm::HardwareModuleName(**certificate);
  (void)tpm::HasPurpose(**certificate, "2.23.133.8.1");
  return 0;
}
