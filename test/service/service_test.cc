// The service without its network: requests in, tokens or reasons out, on simulated evidence.
#include <gtest/gtest.h>

#include "service/simulated_service.h"

namespace assay {
namespace {

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
      const json::Value claims = TokenClaims(
          with.Post(kind.path, body, std::string("api-version=") + version), with.service);
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
  EXPECT_EQ(with.Post("/attest/Other", body).status, 404U);
  const HttpResponse wrong_method = with.Get("/attest/SgxEnclave");
  EXPECT_EQ(wrong_method.status, 405U);
}

TEST(Service, PublishesItsKeysAndMetadata) {
  Service with("sgx");
  const json::Value keys = json::Parse(with.Get("/certs").body).value();
  EXPECT_EQ(*keys.Find("keys")->AsArray()->at(0).Find("kid")->AsString(),
            KeyId(*with.service.PublishedSigners().front().certificate));
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
