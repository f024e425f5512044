// The service without its network: requests in, tokens or reasons out, on simulated evidence.
#include <gtest/gtest.h>

#include "api/router.h"
#include "base/encoding.h"
#include "crypto/public_key.h"
#include "simulate/simulate.h"

namespace assay {
namespace {

constexpr std::int64_t kTokenTime = 1'800'000'000;

TokenSigner MakeSigner() {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "https://attest.example";
  return {key, IssueCertificate(key, request, key, nullptr).value()};
}

// A service that trusts the roots of one simulation.
class Service {
 public:
  explicit Service(std::string_view kind, std::string_view fault = "")
      : simulation(simulate::Simulate(kind, fault).value()),
        appraiser_(simulation.roots),
        source_(std::make_shared<const Collateral>(simulation.collateral)),
        service(appraiser_, source_, {MakeSigner()}, Options(simulation.at)) {}

  HttpResponse Post(std::string path, json::Object body,
                    std::string query = "api-version=2025-06-01") {
    HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = json::Write(json::Value(std::move(body)));
    return Route(service, request);
  }

  HttpResponse Get(std::string path) {
    HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    return Route(service, request);
  }

  simulate::Simulation simulation;

 private:
  static AttestServiceOptions Options(Time at) {
    AttestServiceOptions out;
    out.issuer = "https://attest.example";
    out.clock = [] { return FromUnixSeconds(kTokenTime); };
    out.evidence_clock = [at] { return at; };
    return out;
  }

  Appraiser appraiser_;
  FixedSource source_;

 public:
  AttestService service;
};

std::string Encoded(View bytes) { return Base64UrlEncode(bytes); }

// The claims of the token in `response`, whose signature is checked first.
json::Value Claims(const HttpResponse& response, const AttestService& service) {
  EXPECT_EQ(response.status, 200U) << response.body;
  const json::Value body = json::Parse(response.body).value();
  const std::string token = *body.Find("token")->AsString();
  const std::size_t dot = token.rfind('.');
  const TokenSigner& signer = service.signers().front();
  EXPECT_TRUE(signer.certificate->key().VerifyEcdsa(
      Sha256(AsBytes(token.substr(0, dot))), Base64UrlDecode(token.substr(dot + 1)).value()));
  const std::size_t first = token.find('.');
  return json::Parse(AsText(Base64UrlDecode(token.substr(first + 1, dot - first - 1)).value()))
      .value();
}

std::string ErrorCode(const HttpResponse& response) {
  const json::Value body = json::Parse(response.body).value();
  return *body.Find("error")->Find("code")->AsString();
}

TEST(Service, AttestsEachKind) {
  struct Kind {
    const char *simulated, *path, *type;
  };
  for (const Kind& kind :
       {Kind{"sgx", "/attest/SgxEnclave", "sgx"}, Kind{"tdx", "/attest/TdxVm", "tdxvm"},
        Kind{"snp", "/attest/SevSnpVm", "sevsnpvm"}}) {
    Service with(kind.simulated);
    std::string evidence = Encoded(with.simulation.evidence);
    json::Object body{{"nonce", "n-1"}};
    if (kind.path == std::string_view("/attest/SevSnpVm")) {
      const std::string inner = json::Write(json::Object{{"SnpReport", evidence}});
      body.emplace_back("report", Encoded(AsBytes(inner)));
    } else {
      body.emplace_back("quote", evidence);
    }
    for (const char* version : {"2020-10-01", "2022-08-01", "2025-06-01"}) {
      const json::Value claims =
          Claims(with.Post(kind.path, body, std::string("api-version=") + version), with.service);
      EXPECT_EQ(*claims.Find("x-ms-attestation-type")->AsString(), kind.type);
      EXPECT_EQ(*claims.Find("nonce")->AsString(), "n-1");
      EXPECT_EQ(*claims.Find("iss")->AsString(), "https://attest.example");
      EXPECT_EQ(*claims.Find("iat")->AsInt(), kTokenTime);
    }
  }
}

TEST(Service, RefusesWithTheFailedCheck) {
  Service with("sgx", "tcb_info.dates");
  const HttpResponse response =
      with.Post("/attest/SgxEnclave", {{"quote", Encoded(with.simulation.evidence)}});
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(ErrorCode(response), "AttestationFailed");
  const json::Value body = json::Parse(response.body).value();
  const json::Array& checks = *body.Find("failedChecks")->AsArray();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(*checks[0].Find("name")->AsString(), "tcb_info.dates");
}

TEST(Service, RefusesRuntimeDataThatTheEvidenceDoesNotCarry) {
  Service with("tdx");
  const json::Object data{{"data", "Zm9yZWlnbg"}, {"dataType", "Binary"}};
  const HttpResponse response = with.Post(
      "/attest/TdxVm", {{"quote", Encoded(with.simulation.evidence)}, {"runtimeData", data}});
  EXPECT_EQ(ErrorCode(response), "AttestationFailed");
}

TEST(Service, RefusesInitTimeDataThatTheEvidenceDoesNotCarry) {
  Service with("sgx");
  const json::Object data{{"data", "Zm9yZWlnbg"}, {"dataType", "Binary"}};
  const HttpResponse response = with.Post(
      "/attest/SgxEnclave", {{"quote", Encoded(with.simulation.evidence)}, {"initTimeData", data}});
  EXPECT_EQ(ErrorCode(response), "AttestationFailed");
}

TEST(Service, InsistsOnTheKindOfItsPath) {
  Service with("tdx");
  const HttpResponse response =
      with.Post("/attest/SgxEnclave", {{"quote", Encoded(with.simulation.evidence)}});
  EXPECT_EQ(response.status, 400U);
}

TEST(Service, NamesErrorsOfTheRequest) {
  Service with("sgx");
  const json::Object body{{"quote", "AAAA"}};
  EXPECT_EQ(ErrorCode(with.Post("/attest/SgxEnclave", body, "")), "MissingApiVersionParameter");
  EXPECT_EQ(ErrorCode(with.Post("/attest/SgxEnclave", body, "api-version=2019-01-01")),
            "UnsupportedApiVersionValue");
  EXPECT_EQ(ErrorCode(with.Post("/attest/SgxEnclave", body)), "InvalidParameter");
  EXPECT_EQ(with.Post("/attest/Tpm", body).status, 404U);
  const HttpResponse wrong_method = with.Get("/attest/SgxEnclave");
  EXPECT_EQ(wrong_method.status, 405U);
}

TEST(Service, PublishesItsKeysAndMetadata) {
  Service with("sgx");
  const json::Value keys = json::Parse(with.Get("/certs").body).value();
  EXPECT_EQ(*keys.Find("keys")->AsArray()->at(0).Find("kid")->AsString(),
            KeyId(*with.service.signers().front().certificate));
  const json::Value metadata =
      json::Parse(with.Get("/.well-known/openid-configuration").body).value();
  EXPECT_EQ(*metadata.Find("jwks_uri")->AsString(), "https://attest.example/certs");
  EXPECT_EQ(with.Get("/healthz").status, 200U);
  EXPECT_EQ(with.Get("/readyz").status, 200U);
}

TEST(Service, CountsVerdicts) {
  Service with("sgx");
  with.Post("/attest/SgxEnclave", {{"quote", Encoded(with.simulation.evidence)}});
  Bytes changed = with.simulation.evidence;
  changed[112] ^= std::byte{1};
  with.Post("/attest/SgxEnclave", {{"quote", Encoded(changed)}});
  const std::string text = with.Get("/metrics").body;
  EXPECT_NE(text.find("assay_verdicts_total{scheme=\"sgx\",outcome=\"trusted\"} 1"),
            std::string::npos);
  EXPECT_NE(text.find("assay_verdicts_total{scheme=\"sgx\",outcome=\"denied\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace assay
