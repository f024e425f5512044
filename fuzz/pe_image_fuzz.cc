// PE images: headers, sections, certificates, and what is taken from them: UKI, shim, GRUB.
#include "crypto/authenticode_signature.h"
#include "measure/grub.h"
#include "measure/shim.h"
#include "measure/systemd_stub.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto image = measure::PeImage::Parse(std::as_bytes(std::span(data, size)));
  if (!image) return 0;
  (void)image->AuthenticodeInput();
  for (const View der : image->signatures()) (void)AuthenticodeSignature::FromDer(der);
  (void)measure::VendorCertificate(*image);
  (void)measure::AutomaticSbatLevel(*image);
  (void)measure::DebianPreamble(*image, "hd0");
  const measure::Banks banks = {measure::HashAlgorithm::kSha256};
  if (const auto uki = measure::ReadUki(*image, banks)) {
    (void)measure::StubEvents(*uki, banks);
    (void)measure::KernelStubEvents(*uki, banks);
  }
  return 0;
}
