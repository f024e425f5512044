// Open Enclave endorsements come from the attester: parsed or refused, and never longer than given.
#include <cstddef>
#include <cstdint>

#include "collateral/oe_endorsements.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto items = assay::ParseOeEndorsements(std::as_bytes(std::span(data, size)));
  if (!items) return 0;
  std::size_t total = 0;
  for (const assay::Bytes& item : *items) total += item.size();
  if (total > size) __builtin_trap();
  return 0;
}
