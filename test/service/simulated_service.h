// A service that trusts one simulation, without network, and what its answers hold.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/router.h"
#include "base/encoding.h"
#include "crypto/public_key.h"
#include "simulate/simulate.h"

namespace assay {

inline constexpr std::int64_t kTokenTime = 1'800'000'000;

inline TokenSigner MakeSigner() {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "https://attest.example";
  return {key, IssueCertificate(key, request, key, nullptr).value()};
}

// A service that trusts the roots of one simulation.
class Service {
 public:
  explicit Service(std::string_view kind, std::string_view fault = "",
                   LedgerService* ledger = nullptr)
      : simulation(simulate::Simulate(kind, fault).value()),
        appraiser_(simulation.roots),
        source_(std::make_shared<const Collateral>(simulation.collateral)),
        service(appraiser_, source_, {MakeSigner()}, Options(simulation.at, ledger)),
        site_{service, nullptr, GateWithoutIdentities(false), nullptr, nullptr, ledger} {}

  HttpResponse Post(std::string path, json::Object body,
                    std::string query = "api-version=2025-06-01") {
    HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = json::Write(json::Value(std::move(body)));
    return Route(site_, request);
  }
  // As the server asks: the answer may be one that comes later.
  HttpResponse Begin(const HttpRequest& request) { return BeginRoute(site_, request); }

  HttpResponse Get(std::string path) {
    HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    return Route(site_, request);
  }

  simulate::Simulation simulation;

 private:
  static AttestServiceOptions Options(Time at, LedgerService* ledger) {
    AttestServiceOptions out;
    out.decisions = DecisionsOf(ledger);
    out.issuer = "https://attest.example";
    out.clock = [] { return FromUnixSeconds(kTokenTime); };
    out.evidence_clock = [at] { return at; };
    return out;
  }

  Appraiser appraiser_;
  FixedSource source_;

 public:
  AttestService service;

 private:
  const Site site_;
};

inline std::string Encoded(View bytes) { return Base64UrlEncode(bytes); }

// The claims of the token in `response`, whose signature is checked first.
inline json::Value TokenClaims(const HttpResponse& response, const AttestService& service) {
  EXPECT_EQ(response.status, 200U) << response.body;
  const json::Value body = json::Parse(response.body).value();
  const std::string token = *body.Find("token")->AsString();
  const std::size_t dot = token.rfind('.');
  const TokenSigner signer = service.PublishedSigners().front();
  EXPECT_TRUE(signer.certificate->key().VerifyEcdsa(
      Sha256(AsBytes(token.substr(0, dot))), Base64UrlDecode(token.substr(dot + 1)).value()));
  const std::size_t first = token.find('.');
  return json::Parse(AsText(Base64UrlDecode(token.substr(first + 1, dot - first - 1)).value()))
      .value();
}

inline std::string ErrorCode(const HttpResponse& response) {
  const json::Value body = json::Parse(response.body).value();
  return *body.Find("error")->Find("code")->AsString();
}

}  // namespace assay
