// SGX enclaves as ELF images, and the signature in them.
#include "measure/enclave_elf.h"
#include "measure/sigstruct.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  if (const auto found = assay::measure::SigstructInElf(input)) {
    (void)assay::measure::ReadSigstruct(*found);
  }
  (void)assay::measure::ReadSigstruct(input);
  return 0;
}
