// Judges forged endorsements without verifying the signatures of the evidence itself.
//
// A forged certificate, document or revocation list must be found out by the checks of endorsements
// alone, whose failure is a failure of the whole; the signatures over evidence, which the attack
// leaves as they are, would only make hundreds of thousands of attacks several times as slow. Each
// 64th attack, and each that these checks do not refuse, is judged in full.
#pragma once

#include "adversary/good_samples.h"
#include "tee/core/verify_cache.h"
#include "tee/snp/report.h"

namespace assay::adversary {

// Safe for concurrent use; `sample` must outlive it.
class EndorsementJudge {
 public:
  explicit EndorsementJudge(const GoodSample& sample);

  // `number` is that of the attack.
  Fate operator()(View evidence, const Collateral& collateral, std::size_t number);
  Fate operator()(const Collateral& collateral, std::size_t number) {
    return (*this)(sample_.evidence, collateral, number);
  }

 private:
  bool RefusedByDcap(View evidence, const Collateral& collateral);
  bool RefusedBySnp(View evidence, const Collateral& collateral);

  const GoodSample& sample_;
  const bool is_snp_;
  VerifyCache cache_;
  Appraiser appraiser_;
};

}  // namespace assay::adversary
