// What Windows' secure kernel writes: whatever the bytes, parsing must return.
#include <span>

#include "tee/vbs/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View input = std::as_bytes(std::span(data, size));
  (void)vbs::ParseReport(input);
  (void)vbs::ParseIdentityKey(input);
  return 0;
}
