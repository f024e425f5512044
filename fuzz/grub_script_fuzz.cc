// GRUB configurations.
#include "measure/grub.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  measure::GrubBoot boot;
  boot.config = AsText(std::as_bytes(std::span(data, size)));
  (void)measure::GrubEvents(boot, {measure::HashAlgorithm::kSha256});
  return 0;
}
