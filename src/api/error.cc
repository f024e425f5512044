#include "api/error.h"

#include "evidence/advice.h"

namespace assay {

HttpResponse ToResponse(const ApiError& error) {
  json::Object body{{"code", error.code}, {"message", error.message}};
  if (!error.inner.empty()) body.emplace_back("innererror", json::Object{{"code", error.inner}});
  json::Array checks;
  for (const Check& check : error.failed_checks) {
    checks.emplace_back(json::Object{{"name", check.name},
                                     {"expected", check.expected},
                                     {"found", check.found},
                                     {"clause", check.clause},
                                     {"advice", AdviceFor(check.name)}});
  }
  json::Object whole{{"error", std::move(body)}};
  if (!checks.empty()) whole.emplace_back("failedChecks", std::move(checks));
  if (!error.policy.empty()) whole.emplace_back("policy", error.policy);
  if (!error.drift.empty()) whole.emplace_back("drift", error.drift);
  if (!error.place.empty()) whole.emplace_back("ledger", error.place);
  HttpResponse out;
  out.status = error.status;
  out.body = json::Write(whole);
  out.headers.emplace_back("x-ms-error-code", error.code);
  return out;
}

HttpResponse RefusalResponse(const access::Refusal& refusal) {
  HttpResponse out = ToResponse(ApiError{refusal.status, refusal.code, refusal.message, {}});
  if (!refusal.challenge.empty()) out.headers.emplace_back("WWW-Authenticate", refusal.challenge);
  return out;
}

}  // namespace assay
