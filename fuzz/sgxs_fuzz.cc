// SGX enclaves as streams of records.
#include "measure/sgxs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)assay::measure::MeasureSgxs(std::as_bytes(std::span(data, size)));
  return 0;
}
