// The page to read first: one function tells the whole story of an appraisal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "appraise/verified.h"
#include "collateral/source.h"
#include "crypto/digest.h"
#include "tee/core/scheme.h"
#include "tee/core/verify_cache.h"

namespace assay {

// A denial is data with reasons; an Error is a failure to judge.
struct Verdict {
  bool trusted = false;
  std::string scheme;  // "sgx", "tdx", "snp"
  std::vector<Check> checks;
  std::vector<Sha256Digest> collateral;    // what was at hand for it, in ascending order
  std::optional<VerifiedClaims> verified;  // if trusted: unverified evidence makes no claims
  Meaning meaning;
};

// Safe for concurrent use.
class Appraiser {
 public:
  explicit Appraiser(TrustedRoots roots) : roots_(std::move(roots)) {}

  // `scheme` is empty to detect the kind from the bytes, or the name the caller insists on.
  // Collateral that travels with the evidence itself (certificate chains inside a quote) is used
  // too.
  Result<Verdict> Appraise(View evidence, std::string_view scheme, CollateralSource& source,
                           const Expectations& expectations, Time now);
  // The same with collateral that is at hand.
  Result<Verdict> Appraise(View evidence, std::string_view scheme, const Collateral& collateral,
                           const Expectations& expectations, Time now);

  // What the evidence would make a source gather.
  Result<CollateralNeeds> NeedsOf(View evidence, std::string_view scheme);

 private:
  Verdict Verify(const Scheme& scheme, const Parsed& parsed, const Collateral& collateral,
                 const Expectations& expectations, Time now);

  const TrustedRoots roots_;
  VerifyCache cache_;
};

}  // namespace assay
