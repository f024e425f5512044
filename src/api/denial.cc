#include "api/denial.h"

#include "policy/report.h"
#include "token/maa_claims.h"

namespace assay {
namespace {

// The sentences of Azure's policy engine, which tools look for.
std::string_view EngineMessage(const policy::Explanation& why) {
  if (why.error) return "A rule could not be evaluated, authorization failed.";
  if (why.rule) return "A Deny claim was issued, authorization failed.";
  return "No Permit claim was issued in the authorizationrules section, authorization failed.";
}

}  // namespace

ApiError FromError(const Error& error) {
  const bool ours = error.code == ErrorCode::kInternal || error.code == ErrorCode::kIo;
  std::string message = error.message;
  if (!error.hint.empty()) message += "; " + error.hint;
  if (ours) return {500, "InternalError", "the request could not be processed", {}};
  return {400, "InvalidParameter", std::move(message), {}};
}

ApiError BadBody(const Error& error) {
  const char* code = error.code == ErrorCode::kUnsupported ? "NotSupported" : "InvalidParameter";
  std::string message = error.message;
  if (!error.hint.empty()) message += "; " + error.hint;
  return {400, code, std::move(message), {}};
}

ApiError PolicyDoesNotCompile(const Error& error) {
  std::string message = "Invalid policy was specified: " + error.message;
  if (!error.hint.empty()) message += "\n" + error.hint;
  return {400, "PolicyParsingError", std::move(message), {}};
}

ApiError NotTrusted(const std::vector<Check>& checks) {
  ApiError out{400, "AttestationFailed", "the evidence is not trusted:", {}};
  for (const Check& check : checks) {
    if (check.outcome != Outcome::kFail) continue;
    out.message += " " + std::string(check.name) + " (expected " + check.expected + ", found " +
                   check.found + ");";
    out.failed_checks.push_back(check);
  }
  out.message.pop_back();
  return out;
}

ApiError PolicyDenied(policy::AttestationType type, const policy::Policy* policy,
                      const policy::Explanation& why) {
  ApiError out{400, "PolicyEvaluationError", "Policy Evaluation Error has occurred: ", {}};
  out.message += std::string(EngineMessage(why)) + " " + std::string(policy::Name(type)) +
                 " policy: " + why.summary;
  out.policy = {{"attestationType", policy::Name(type)}};
  if (policy != nullptr) out.policy.emplace_back("hash", PolicyHash(policy->text()));
  for (json::Member& member : policy::ExplanationJson(why)) out.policy.push_back(std::move(member));
  return out;
}

}  // namespace assay
