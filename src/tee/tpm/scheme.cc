#include "tee/tpm/scheme.h"

#include "tee/tpm/checks.h"

namespace assay {
namespace {

const tpm::TpmEvidence& EvidenceOf(const Parsed& parsed) {
  return static_cast<const tpm::TpmEvidence&>(parsed);
}

bool Recognises(View evidence) { return tpm::NamesFormat(evidence, "tpm/"); }

Result<std::unique_ptr<Parsed>> Parse(View evidence) {
  return std::unique_ptr<Parsed>(TRY(tpm::ParseTpmEvidence(evidence)));
}

void CheckAll(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  const tpm::TpmEvidence& evidence = EvidenceOf(parsed);
  tpm::CheckAttestationKey(evidence, input, trace);
  tpm::CheckQuotes(evidence, input, trace);
  tpm::CheckCertifiedKeys(evidence, input, trace);
  tpm::CheckLogs(evidence, input, trace);
}

Claims ClaimsOf(const Parsed& parsed, const VerifyInput& input) {
  return tpm::MakeClaims(EvidenceOf(parsed), input);
}

json::Value DescribeIt(const Parsed& parsed) { return tpm::Describe(EvidenceOf(parsed)); }

Meaning MeaningOf(const Parsed& parsed, const Trace& trace) {
  return tpm::Explain(EvidenceOf(parsed), trace);
}

}  // namespace

const Scheme kTpmScheme = {
    .name = "tpm",
    .title = "TPM 2.0 quote with boot logs",
    .recognises = Recognises,
    .parse = Parse,
    .check = CheckAll,
    .claims = ClaimsOf,
    .describe = DescribeIt,
    .meaning = MeaningOf,
};

}  // namespace assay
