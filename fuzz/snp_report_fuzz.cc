// Any bytes: parsing, describing and judging a report must neither crash nor end in trust.
#include <cstdlib>

#include "tee/core/roots.h"
#include "tee/core/verify_cache.h"
#include "tee/snp/scheme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View evidence = std::as_bytes(std::span(data, size));
  (void)kSnpScheme.recognises(evidence);
  const auto parsed = kSnpScheme.parse(evidence);
  if (!parsed) return 0;
  (void)json::Write(kSnpScheme.describe(**parsed));
  const Collateral nothing;
  const Expectations expectations;
  VerifyCache cache;
  const VerifyInput input{nothing, DefaultRoots(), expectations, Time{}, cache};
  Trace trace;
  kSnpScheme.check(**parsed, input, trace);
  (void)kSnpScheme.claims(**parsed, input);
  (void)kSnpScheme.meaning(**parsed, trace);
  if (!trace.failed()) std::abort();  // trusted without a certificate
  return 0;
}
