// DCAP quotes, Open Enclave reports and RA-TLS certificates: whatever the bytes, parsing, judging
// and describing must return, and nothing without Intel's root may be trusted.
#include <cstdlib>

#include "appraise/appraise.h"
#include "tee/core/roots.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View input = std::as_bytes(std::span(data, size));
  Appraiser appraiser(DefaultRoots());
  const auto verdict = appraiser.Appraise(input, "", {}, {}, FromUnixSeconds(1750000000));
  if (verdict && verdict->trusted) std::abort();  // no collateral: nothing can be trusted
  if (const Scheme* scheme = SchemeFor(input)) {
    if (const auto parsed = scheme->parse(input)) (void)scheme->describe(**parsed);
  }
  return 0;
}
