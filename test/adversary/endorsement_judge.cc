#include "adversary/endorsement_judge.h"

#include "tee/dcap/checks.h"
#include "tee/snp/verify.h"

namespace assay::adversary {

EndorsementJudge::EndorsementJudge(const GoodSample& sample)
    : sample_(sample), is_snp_(sample.name.starts_with("snp/")), appraiser_(sample.roots) {}

Fate EndorsementJudge::operator()(View evidence, const Collateral& collateral, std::size_t number) {
  const bool refused =
      is_snp_ ? RefusedBySnp(evidence, collateral) : RefusedByDcap(evidence, collateral);
  if (refused && number % 64 != 0) return Fate::kRefused;
  return FateOf(Trusts(appraiser_, sample_, evidence, collateral));
}

bool EndorsementJudge::RefusedByDcap(View evidence, const Collateral& collateral) {
  const auto quote = dcap::ParseQuote(evidence);
  if (!quote) return true;
  const VerifyInput input{collateral, sample_.roots, sample_.expectations, sample_.at, cache_};
  const dcap::Endorsements endorsements = dcap::GatherEndorsements(*quote, input);
  Trace trace;
  dcap::CheckPckChain(*quote, endorsements, input, trace);
  dcap::CheckDocuments(*quote, endorsements, input, trace);
  return trace.failed();
}

bool EndorsementJudge::RefusedBySnp(View evidence, const Collateral& collateral) {
  const auto report = snp::ParseReport(evidence);
  if (!report) return true;
  const VerifyInput input{collateral, sample_.roots, sample_.expectations, sample_.at, cache_};
  const snp::Leaf leaf = snp::FindLeaf(*report, input);
  if (!leaf.path.leaf) return true;
  Trace trace;
  snp::CheckFields(*report, sample_.expectations, trace);
  snp::CheckLeafAgainstReport(leaf, *report, trace);
  snp::CheckChain(leaf, input, trace);
  return trace.failed();
}

}  // namespace assay::adversary
