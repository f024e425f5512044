#include "tee/snp/scheme.h"

#include "base/reader.h"
#include "tee/snp/verify.h"

namespace assay {
namespace {

using snp::ParsedReport;

// All 32 bits of VERSION count: an Intel quote has a 16-bit version 3 to 5 there and a key type,
// which is not zero, behind it.
bool Recognises(View evidence) {
  if (evidence.size() < snp::kReportBytes) return false;
  Reader reader(evidence, "SNP report");
  const auto version = reader.U32Le("VERSION");
  const auto guest_svn = reader.U32Le("GUEST_SVN");
  const auto policy = reader.U64Le("POLICY");
  const auto between = reader.Take(0x24, "FAMILY_ID to VMPL");
  const auto algorithm = reader.U32Le("SIGNATURE_ALGO");
  if (!version || !guest_svn || !policy || !between || !algorithm) return false;
  return *version >= snp::kOldestVersion && *version <= snp::kNewestVersion &&
         (*policy & snp::kPolicyReservedOne) != 0 && *algorithm == snp::kEcdsaP384Sha384;
}

const snp::Report& ReportOf(const Parsed& parsed) {
  return static_cast<const ParsedReport&>(parsed).report;
}

Result<std::unique_ptr<Parsed>> Parse(View evidence) {
  auto out = std::make_unique<ParsedReport>();
  out->report = TRY(snp::ParseReport(evidence));
  return std::unique_ptr<Parsed>(std::move(out));
}

void CheckAll(const Parsed& parsed, const VerifyInput& input, Trace& trace) {
  snp::CheckReport(ReportOf(parsed), input, trace);
}

CollateralNeeds Needs(const Parsed& parsed, VerifyCache&) { return snp::NeedsOf(ReportOf(parsed)); }

Claims ClaimsOf(const Parsed& parsed, const VerifyInput& input) {
  return snp::MakeClaims(ReportOf(parsed), input);
}

json::Value DescribeIt(const Parsed& parsed) { return snp::Describe(ReportOf(parsed)); }

Meaning MeaningOf(const Parsed& parsed, const Trace& trace) {
  return snp::Explain(ReportOf(parsed), trace);
}

}  // namespace

const Scheme kSnpScheme = {
    .name = "snp",
    .title = "AMD SEV-SNP attestation report",
    .recognises = Recognises,
    .parse = Parse,
    .check = CheckAll,
    .claims = ClaimsOf,
    .describe = DescribeIt,
    .meaning = MeaningOf,
    .needs = Needs,
};

}  // namespace assay
