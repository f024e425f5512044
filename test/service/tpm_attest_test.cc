// Azure's protocol for TPMs and VBS enclaves, over the API.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "service/world_service.h"
#include "simulate/tpm_client.h"

namespace assay {
namespace {

using policy::AttestationType;
using simulate::SimulatedTpmClient;
using simulate::TpmProtocol;

constexpr const char* kPermitAll = "version=1.2; authorizationrules{=> permit();};";

WorldService::Policies PermitAll() {
  return {{AttestationType::kTpm, kPermitAll}, {AttestationType::kVbsEnclave, kPermitAll}};
}

std::string Envelope(const json::Value& inner) {
  return json::Write(json::Object{{"data", Encoded(AsBytes(json::Write(inner)))}});
}

json::Value Opened(const HttpResponse& response) {
  EXPECT_EQ(response.status, 200U) << response.body;
  const json::Value body = json::Parse(response.body).value();
  return json::Parse(AsText(Base64UrlDecode(*body.Find("data")->AsString()).value())).value();
}

class TpmAttest : public testing::Test {
 protected:
  explicit TpmAttest(const WorldService::Policies& policies = PermitAll())
      : service_(client_.world(), policies) {}

  json::Value Challenge() {
    const json::Object init{{"payload", json::Object{{"type", "aikcert"}}}};
    return *Opened(service_.Post("/attest/Tpm", Envelope(init))).Find("payload");
  }
  HttpResponse Send(const std::string& jws) {
    return service_.Post("/attest/Tpm", Envelope(json::Object{{"request", jws}}));
  }
  HttpResponse Attest(TpmProtocol version, std::string_view fault = {}) {
    return Send(client_.Answer(version, Challenge(), fault).value());
  }
  json::Value Report(const HttpResponse& response) {
    return ClaimsOfToken(*Opened(response).Find("report")->AsString(), service_.service);
  }

  SimulatedTpmClient client_ = SimulatedTpmClient::Make().value();
  WorldService service_;
};

TEST_F(TpmAttest, GivesAReportForARequestOfVersion1) {
  const json::Value claims = Report(Attest(TpmProtocol::kVersion1));
  EXPECT_EQ(*claims.Find("x-ms-attestation-type")->AsString(), "tpm");
  EXPECT_EQ(*claims.Find("aikValidated")->AsBool(), true);
  EXPECT_EQ(*claims.Find("secureBootEnabled")->AsBool(), true);
  EXPECT_EQ(*claims.Find("rp_data")->AsString(), Encoded(AsBytes("relying party")));
  EXPECT_EQ(claims.Find("cnf"), nullptr) << "nothing binds the key of version 1 to the TPM";
}

TEST_F(TpmAttest, GivesAReportForARequestOfVersion2WithTheKeyThatTheQuoteBinds) {
  const json::Value claims = Report(Attest(TpmProtocol::kVersion2));
  EXPECT_EQ(json::Write(*claims.Find("cnf")->Find("jwk")), json::Write(client_.request_key()));
}

TEST_F(TpmAttest, RefusesEachFaultForItsOwnReason) {
  const std::map<std::string, std::string> version1 = {
      {"jws.signature", "InvalidParameter"},
      {"jws.alg", "InvalidParameter"},
      {"ak.trust", "AttestationFailed ak.trust"},
      {"ak.purpose", "AttestationFailed ak.purpose"},
      {"quote.nonce", "AttestationFailed quote.nonce"},
      {"quote.signature", "AttestationFailed quote.signature"},
      {"quote.required_pcrs", "AttestationFailed quote.required_pcrs"},
      {"event_log.digests", "AttestationFailed event_log.digests"},
      {"event_log.replay", "AttestationFailed event_log.replay"},
  };
  for (const auto& [fault, refusal] : version1) {
    EXPECT_EQ(RefusalOf(Attest(TpmProtocol::kVersion1, fault)), refusal) << fault;
  }
  const std::map<std::string, std::string> version2 = {
      {"request_key.binding", "AttestationFailed quote.nonce"},
      {"certified_key.name", "AttestationFailed certified_key.name"},
      {"certified_key.nonce", "AttestationFailed certified_key.nonce"},
      {"certified_key.signature", "AttestationFailed certified_key.signature"},
  };
  for (const auto& [fault, refusal] : version2) {
    EXPECT_EQ(RefusalOf(Attest(TpmProtocol::kVersion2, fault)), refusal) << fault;
  }
}

TEST_F(TpmAttest, TakesAnAnswerOnce) {
  const std::string answer = client_.Answer(TpmProtocol::kVersion1, Challenge()).value();
  EXPECT_EQ(RefusalOf(Send(answer)), "");
  EXPECT_EQ(RefusalOf(Send(answer)), "NonceUsed");
}

TEST_F(TpmAttest, TakesNoAnswerThatIsLate) {
  const std::string answer = client_.Answer(TpmProtocol::kVersion1, Challenge()).value();
  service_.Advance(limits::kChallengeLife + std::chrono::seconds(1));
  EXPECT_EQ(RefusalOf(Send(answer)), "NonceExpired");
}

TEST_F(TpmAttest, TakesNoChallengeOfAnotherServiceAndNoContextOfAnotherChallenge) {
  WorldService other(client_.world(), PermitAll());
  const json::Object init{{"type", "aikcert"}};
  const json::Value foreign = Opened(other.Post("/attest/Tpm", Envelope(init)));
  EXPECT_EQ(RefusalOf(Send(client_.Answer(TpmProtocol::kVersion1, foreign).value())),
            "NonceUnknown");
  const json::Object mixed{{"challenge", *Challenge().Find("challenge")},
                           {"service_context", *Challenge().Find("service_context")}};
  EXPECT_EQ(RefusalOf(Send(client_.Answer(TpmProtocol::kVersion1, mixed).value())), "NonceUnknown");
}

TEST_F(TpmAttest, RefusesWhatItDoesNotKnow) {
  const auto send = [this](const json::Value& inner) {
    return RefusalOf(service_.Post("/attest/Tpm", Envelope(inner)));
  };
  EXPECT_EQ(send(json::Object{{"type", "ekcert"}}), "NotSupported");
  EXPECT_EQ(send(json::Object{{"request", "a.b"}}), "InvalidParameter");
  EXPECT_EQ(send(json::Object{{"request", 7}}), "InvalidParameter");
  EXPECT_EQ(RefusalOf(service_.Post("/attest/Tpm", "{}")), "InvalidParameter");
  EXPECT_EQ(RefusalOf(service_.Post("/attest/Tpm", R"({"data":"*"})")), "InvalidParameter");
}

TEST_F(TpmAttest, NoBitOfARequestCanBeFlipped) {
  const json::Value challenge = Challenge();
  const std::string good = client_.Answer(TpmProtocol::kVersion2, challenge).value();
  for (std::size_t at = 0; at < good.size(); at += 211) {
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(RefusalOf(Send(changed)), "") << at;
  }
  EXPECT_EQ(RefusalOf(Send(good)), "");
}

class TpmWithoutPolicy : public TpmAttest {
 protected:
  TpmWithoutPolicy() : TpmAttest({}) {}
};

TEST_F(TpmWithoutPolicy, NothingIsAdmitted) {
  EXPECT_EQ(RefusalOf(Attest(TpmProtocol::kVersion1)), "PolicyEvaluationError");
}

class TpmPolicy : public TpmAttest {
 protected:
  TpmPolicy()
      : TpmAttest({{AttestationType::kTpm, R"(version=1.2;
configurationrules{
  => issueproperty(type="require_valid_aik_cert", value=false);
  => issueproperty(type="required_pcr_mask", value=127);
};
authorizationrules{
  k:[type=="x-ms-tpm-request-key", issuer=="AttestationService"] =>
      add(type="keyType", value=JsonToClaimValue(JmesPath(k.value, "jwk.kty")));
  o:[type=="x-ms-tpm-other-keys", issuer=="AttestationService"] =>
      add(type="attributes",
          value=JsonToClaimValue(JmesPath(o.value, "[*].info.tpm_certify.obj_attr")));
  [type=="keyType", value=="RSA"] && [type=="attributes", value==262258] &&
  [type=="https://attest.example/custom-claims/team", value=="payments"] => permit();
  [type=="aikValidated", value==false] => permit();
};
issuancerules{ c:[type=="aikValidated"] => issue(type="known", value=c.value); };)"}}) {}
};

TEST_F(TpmPolicy, SeesTheKeysAndTheAttestersOwnClaims) {
  const json::Value claims = Report(Attest(TpmProtocol::kVersion2));
  EXPECT_EQ(*claims.Find("known")->AsBool(), true);
  EXPECT_EQ(claims.Find("https://attest.example/custom-claims/team"), nullptr);
}

TEST_F(TpmPolicy, MayWaiveTheCertificateInWordsAndNarrowThePcrs) {
  const json::Value claims = Report(Attest(TpmProtocol::kVersion1, "ak.trust"));
  EXPECT_EQ(*claims.Find("aikValidated")->AsBool(), false);
  EXPECT_EQ(*claims.Find("known")->AsBool(), false);
  EXPECT_EQ(RefusalOf(Attest(TpmProtocol::kVersion2, "quote.required_pcrs")), "");
}

class VbsAttest : public TpmAttest {
 protected:
  VbsAttest() {
    client_ = SimulatedTpmClient::MakeWithEnclave().value();
    enclave_service_ = std::make_unique<WorldService>(client_.world(), PermitAll());
  }
  HttpResponse AttestEnclave(TpmProtocol version, std::string_view fault = {}) {
    const json::Object init{{"type", "aikcert"}};
    const json::Value challenge = Opened(enclave_service_->Post("/attest/Tpm", Envelope(init)));
    const std::string jws = client_.Answer(version, challenge, fault).value();
    return enclave_service_->Post("/attest/Tpm", Envelope(json::Object{{"request", jws}}));
  }

  std::unique_ptr<WorldService> enclave_service_;
};

TEST_F(VbsAttest, GivesAReportOfAnEnclaveWithItsKey) {
  for (const TpmProtocol version : {TpmProtocol::kVersion1, TpmProtocol::kVersion2}) {
    const HttpResponse response = AttestEnclave(version);
    const json::Value claims =
        ClaimsOfToken(*Opened(response).Find("report")->AsString(), enclave_service_->service);
    EXPECT_EQ(*claims.Find("vsmReportPresent")->AsBool(), true);
    EXPECT_EQ(*claims.Find("enclaveSvn")->AsInt(), 7);
    EXPECT_EQ(*claims.Find("vbsEnabled")->AsBool(), true);
    EXPECT_EQ(json::Write(*claims.Find("cnf")->Find("jwk")), json::Write(client_.request_key()));
  }
}

TEST_F(VbsAttest, RefusesEachFaultForItsOwnReason) {
  for (const char* fault :
       {"vbs.signature", "vbs.enclave_data", "vbs.debug", "vbs.enclave_type", "vbs.boot_state",
        "vbs.identity_key", "quote.nonce", "secure_boot.enabled"}) {
    EXPECT_EQ(RefusalOf(AttestEnclave(TpmProtocol::kVersion1, fault)),
              std::string("AttestationFailed ") + fault);
  }
}

}  // namespace
}  // namespace assay
