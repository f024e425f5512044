// OVMF images: the table of entries at the end, the SEV sections.
#include "measure/ovmf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)assay::measure::ReadOvmfMetadata(std::as_bytes(std::span(data, size)));
  return 0;
}
