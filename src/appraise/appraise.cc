#include "appraise/appraise.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay {
namespace {

Result<const Scheme*> ChooseScheme(View evidence, std::string_view name) {
  if (evidence.size() > limits::kEvidenceBytes) {
    return Fail(ErrorCode::kMalformed, fmt::format("evidence: {} bytes, at most {} are accepted",
                                                   evidence.size(), limits::kEvidenceBytes));
  }
  const Scheme* scheme = name.empty() ? SchemeFor(evidence) : SchemeNamed(name);
  if (scheme == nullptr) {
    return Fail(
        ErrorCode::kUnsupported, "evidence: not of a kind this build knows",
        "expected an SGX quote v3 to v5, a TDX quote v4 or v5, an SEV-SNP report of 1184 bytes, or "
        "an Open Enclave report");
  }
  return scheme;
}

CollateralNeeds Needs(const Scheme& scheme, const Parsed& parsed, VerifyCache& cache) {
  return scheme.needs == nullptr ? CollateralNeeds{} : scheme.needs(parsed, cache);
}

std::vector<Sha256Digest> DigestsOf(const Collateral& collateral) {
  std::vector<Sha256Digest> out;
  for (const CertificatePtr& one : collateral.certificates) out.push_back(one->digest());
  for (const CrlPtr& one : collateral.crls) out.push_back(one->digest());
  for (const auto& one : collateral.documents) out.push_back(one->digest);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Result<Verdict> Appraiser::Appraise(View evidence, std::string_view scheme_name,
                                    CollateralSource& source, const Expectations& expectations,
                                    Time now) {
  const Scheme* scheme = TRY(ChooseScheme(evidence, scheme_name));
  const std::unique_ptr<Parsed> parsed = TRY(scheme->parse(evidence));
  const CollateralNeeds needs = Needs(*scheme, *parsed, cache_);
  const std::shared_ptr<const Collateral> collateral = source.Gather(needs, now);
  return Verify(*scheme, *parsed, *collateral, expectations, now);
}

Verdict Appraiser::Verify(const Scheme& scheme, const Parsed& parsed, const Collateral& collateral,
                          const Expectations& expectations, Time now) {
  const VerifyInput input{collateral, roots_, expectations, now, cache_};
  Trace trace;
  scheme.check(parsed, input, trace);

  Verdict verdict;
  verdict.trusted = !trace.failed();
  verdict.scheme = scheme.name;
  if (verdict.trusted) {
    verdict.verified = VerifiedClaims(scheme.name, scheme.claims(parsed, input));
  }
  verdict.collateral = DigestsOf(collateral);
  verdict.meaning = scheme.meaning(parsed, trace);
  verdict.checks = std::move(trace).TakeChecks();
  return verdict;
}

Result<Verdict> Appraiser::Appraise(View evidence, std::string_view scheme_name,
                                    const Collateral& collateral, const Expectations& expectations,
                                    Time now) {
  const Scheme* scheme = TRY(ChooseScheme(evidence, scheme_name));
  const std::unique_ptr<Parsed> parsed = TRY(scheme->parse(evidence));
  return Verify(*scheme, *parsed, collateral, expectations, now);
}

Result<CollateralNeeds> Appraiser::NeedsOf(View evidence, std::string_view scheme_name) {
  const Scheme* scheme = TRY(ChooseScheme(evidence, scheme_name));
  const std::unique_ptr<Parsed> parsed = TRY(scheme->parse(evidence));
  return Needs(*scheme, *parsed, cache_);
}

}  // namespace assay
