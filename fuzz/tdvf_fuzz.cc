// TDX firmware images: the descriptor and its sections, and MRTD over them.
#include "measure/tdvf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sections = assay::measure::ReadTdvfMetadata(std::as_bytes(std::span(data, size)));
  if (sections) (void)assay::measure::MrTd(*sections);
  return 0;
}
