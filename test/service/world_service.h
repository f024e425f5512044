// A service that trusts a simulated world, with policies of the test's own, without network.
#pragma once

#include <map>
#include <string>

#include "service/simulated_service.h"

namespace assay {

class WorldService {
 public:
  using Policies = std::map<policy::AttestationType, std::string>;

  explicit WorldService(const simulate::Simulation& world, const Policies& policies = {})
      : appraiser_(world.roots),
        source_(std::make_shared<const Collateral>(world.collateral)),
        service(appraiser_, source_, {MakeSigner()}, Options(world.at, now_)) {
    service.SetPolicies(PolicySet::Make(policies).value());
  }

  HttpResponse Post(std::string path, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.query = "api-version=2025-06-01";
    request.body = std::move(body);
    return Route(service, request);
  }

  void Advance(std::chrono::seconds by) { *now_ += by; }

 private:
  static AttestServiceOptions Options(Time at, const std::shared_ptr<Time>& now) {
    AttestServiceOptions out;
    out.issuer = "https://attest.example";
    out.clock = [now] { return *now; };
    out.evidence_clock = [at] { return at; };
    return out;
  }

  std::shared_ptr<Time> now_ = std::make_shared<Time>(FromUnixSeconds(kTokenTime));
  Appraiser appraiser_;
  FixedSource source_;

 public:
  AttestService service;
};

// The claims of a token of the service, whose signature is checked first.
inline json::Value ClaimsOfToken(const std::string& token, const AttestService& service) {
  HttpResponse wrapped;
  wrapped.body = json::Write(json::Object{{"token", token}});
  return TokenClaims(wrapped, service);
}

// "" for a token, else the code with the names of the checks that failed.
inline std::string RefusalOf(const HttpResponse& response) {
  if (response.status == 200U) return "";
  const json::Value body = json::Parse(response.body).value();
  std::string out = *body.Find("error")->Find("code")->AsString();
  if (const json::Value* const checks = body.Find("failedChecks")) {
    for (const json::Value& check : *checks->AsArray()) {
      out += " " + *check.Find("name")->AsString();
    }
  }
  return out;
}

}  // namespace assay
