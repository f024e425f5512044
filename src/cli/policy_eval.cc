// `assay policy eval`: one policy against given claims, or against the claims of evidence.
#include <fmt/format.h>

#include "appraise/admission.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "cli/recorded.h"
#include "cli/report.h"
#include "cli/sources.h"
#include "policy/report.h"

namespace assay::cli {
namespace {

json::Value PropertiesJson(const policy::Properties& properties) {
  json::Object out = properties.other;
  const auto add = [&out](std::string_view name, const auto& value) {
    if (value) out.emplace_back(name, *value);
  };
  add("report_validity_in_minutes", properties.report_validity_in_minutes);
  add("omit_x5c", properties.omit_x5c);
  add("require_valid_aik_cert", properties.require_valid_aik_cert);
  add("required_pcr_mask", properties.required_pcr_mask);
  add("x-ms-sgx-tcbidentifier", properties.tcb_identifier);
  return out;
}

PolicyAnswer Answer(const policy::Evaluation& evaluation) {
  PolicyAnswer out;
  out.exit_code = evaluation.permitted ? kExitTrusted : kExitRefused;
  out.text = policy::EvaluationText(evaluation);
  out.json = json::Object{{"permitted", evaluation.permitted},
                          {"explanation", policy::ExplanationJson(evaluation.explanation)},
                          {"issued", evaluation.issued},
                          {"properties", PropertiesJson(evaluation.properties)}};
  return out;
}

// No policy is asked about evidence that does not verify.
PolicyAnswer NotVerified(const EvidenceAnswer& evidence) {
  PolicyAnswer out;
  out.exit_code = kExitRefused;
  out.text = "DENIED  the evidence does not verify; the policy was not asked\n" + evidence.refusal;
  out.json = json::Object{{"permitted", false}, {"verdict", evidence.verdict}};
  return out;
}

// The newest recorded request with that evidence.
Result<PolicyAnswer> EvaluateRecorded(const Options& options, const policy::Policy& compiled) {
  std::optional<PolicyAnswer> out;
  TRY_VOID(VisitRecorded(options, compiled, [&](const RecordedCase& one) {
    if (HexEncode(Sha256(one.request.evidence)) != options.recorded) return;
    if (one.both) {
      out = Answer(one.both->draft);
    } else {
      out = PolicyAnswer{
          kExitRefused,
          "DENIED  the recorded evidence no longer verifies: " + one.both.error().message + "\n",
          json::Object{{"permitted", false}, {"error", one.both.error().message}}};
    }
  }));
  if (out) return *out;
  return Fail(
      ErrorCode::kMissing,
      fmt::format("provider {}: has recorded no evidence {}", options.provider, options.recorded),
      "`assay policy impact` names what is recorded");
}

}  // namespace

Result<EvidenceAnswer> JudgeEvidence(const Options& options) {
  const Bytes bytes = TRY(ReadFile(options.evidence, limits::kEvidenceBytes));
  const std::unique_ptr<Sources> sources = TRY(Sources::Open(options));
  const Expectations expectations = TRY(ExpectationsOf(options));
  const Time now = TRY(TimeOf(options));
  Appraiser appraiser(TRY(RootsOf(options)));
  const Verdict verdict =
      TRY(appraiser.Appraise(bytes, options.kind, sources->source(), expectations, now));
  EvidenceAnswer out;
  out.verdict = VerdictJson(verdict);
  out.verified = verdict.verified;
  if (!out.verified) out.refusal = Headline(verdict) + FailedText(verdict);
  return out;
}

Result<PolicyAnswer> EvaluatePolicyFile(const Options& options) {
  const policy::Policy compiled = TRY(LoadPolicy(options.file));
  const int given = (options.claims.empty() ? 0 : 1) + (options.evidence.empty() ? 0 : 1) +
                    (options.recorded.empty() ? 0 : 1);
  if (given != 1) {
    return Fail(ErrorCode::kInvalidArgument,
                "one of --claims FILE, --evidence FILE and --recorded SHA256 is needed");
  }
  if (!options.recorded.empty()) return EvaluateRecorded(options, compiled);
  if (!options.claims.empty()) {
    const Bytes text = TRY(ReadFile(options.claims, limits::kEvidenceBytes));
    const auto claims = TRY(ClaimsFromJson(TRY(json::Parse(AsText(text)))));
    return Answer(policy::Evaluate(compiled, claims));
  }
  const EvidenceAnswer evidence = TRY(JudgeEvidence(options));
  if (!evidence.verified) return NotVerified(evidence);
  return Answer(Admit(compiled, *evidence.verified, TokenContext{}));
}

}  // namespace assay::cli
