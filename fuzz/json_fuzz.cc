// The JSON door: what it accepts and writes, it must accept again and write the same.
#include <cstdlib>

#include "base/bytes.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto value = json::Parse(AsText(std::as_bytes(std::span(data, size))));
  if (!value) return 0;
  const std::string once = json::Write(*value);
  const auto again = json::Parse(once);
  if (!again || json::Write(*again) != once) std::abort();
  return 0;
}
