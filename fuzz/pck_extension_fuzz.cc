// The SGX extension of PCK certificates, and certificates that carry it.
#include "crypto/certificate.h"
#include "tee/dcap/pck_extension.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View input = std::as_bytes(std::span(data, size));
  (void)dcap::ParsePckExtension(input);
  if (const auto certificate = Certificate::FromDer(input)) {
    if (const auto extension = (*certificate)->Extension("1.2.840.113741.1.13.1")) {
      (void)dcap::ParsePckExtension(*extension);
    }
  }
  (void)CertificatesFromPem(AsText(input));
  return 0;
}
