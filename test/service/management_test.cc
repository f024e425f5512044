// The management API: policies and those who sign them, as the clients of Azure Attestation use it.
#include <gtest/gtest.h>

#include "policy/defaults.h"
#include "service/providers.h"

namespace assay {
namespace {

const std::string kPolicyOfA = "/providers/team-a/policies/SgxEnclave";
const std::string kPolicyOfIso = "/providers/iso/policies/SgxEnclave";

std::string Default() {
  return std::string(*policy::DefaultPolicy(policy::AttestationType::kSgxEnclave));
}

TEST(Management, SetsReadsAndResetsAPolicy) {
  Providers with;
  EXPECT_EQ(with.PolicyText("team-a"), Default());
  const std::string token = UnsecuredPolicyToken(kDeny);
  const HttpResponse set = with.Send("PUT", kPolicyOfA, token);
  const json::Value claims = with.Claims(set, "team-a");
  EXPECT_EQ(*claims.Find("x-ms-policy-result")->AsString(), "Updated");
  EXPECT_EQ(*claims.Find("x-ms-policy-token-hash")->AsString(),
            Base64UrlEncode(Sha256(AsBytes(token))));
  EXPECT_EQ(claims.Find("x-ms-policy-signer"), nullptr);
  EXPECT_EQ(*claims.Find("iss")->AsString(), "https://attest.example/providers/team-a");
  EXPECT_EQ(*claims.Find("exp")->AsInt() - *claims.Find("iat")->AsInt(), 3600);
  EXPECT_EQ(with.PolicyText("team-a"), kDeny);
  EXPECT_EQ(ErrorCode(with.Attest("/providers/team-a")), "PolicyEvaluationError");

  const HttpResponse reset = with.Send("POST", kPolicyOfA + ":reset", UnsecuredPolicyToken(""));
  EXPECT_EQ(with.Member(reset, "team-a", "x-ms-policy-result"), "Removed");
  EXPECT_EQ(with.PolicyText("team-a"), Default());
  EXPECT_EQ(with.Attest("/providers/team-a").status, 200U);
}

// Policy-PolicyTests.PolicyTests-ModifyUnsecured_AAD_SgxEnclave: token and hash of the real
// service.
TEST(Management, HashesATokenAsTheRecordedServiceDoes) {
  Providers with;
  const std::string policy = "version=1.0; authorizationrules{=> permit();}; issuancerules{};";
  const HttpResponse set = with.Send("PUT", kPolicyOfA, UnsecuredPolicyToken(policy));
  EXPECT_EQ(with.Member(set, "team-a", "x-ms-policy-token-hash"),
            "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ");
}

TEST(Management, GivesBackTheVeryTokenThatWasSet) {
  Providers with;
  const std::string token = with.manager.SignPolicy(kPermit);
  const HttpResponse set = with.Send("PUT", kPolicyOfA, token);
  const json::Value claims = with.Claims(set, "team-a");
  EXPECT_EQ(*claims.Find("x-ms-policy-signer")->Find("x5c")->AsArray()->at(0).AsString(),
            Base64Encode(with.manager.certificate->der()));
  EXPECT_EQ(with.Member(with.Send("GET", kPolicyOfA), "team-a", "x-ms-policy"), token);
}

TEST(Management, TakesATokenAsJsonString) {
  Providers with;
  const std::string body = "\"" + UnsecuredPolicyToken(kDeny) + "\"";
  EXPECT_EQ(with.Send("PUT", kPolicyOfA, body).status, 200U);
  EXPECT_EQ(ErrorCode(with.Send("PUT", kPolicyOfA, "\"x")), "InvalidOperation");
}

TEST(Management, TellsWhatIsWrongWithAPolicyByLineColumnAndCaret) {
  Providers with;
  const HttpResponse refused =
      with.Send("PUT", kPolicyOfA, UnsecuredPolicyToken("version=1.0;\nauthorizationrules [\n"));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(ErrorCode(refused), "PolicyParsingError");
  const json::Value body = json::Parse(refused.body).value();
  const std::string& message = *body.Find("error")->Find("message")->AsString();
  EXPECT_NE(message.find("policy:2:20"), std::string::npos) << message;
  EXPECT_NE(message.find('^'), std::string::npos) << message;
  EXPECT_EQ(with.PolicyText("team-a"), Default());
}

TEST(Management, KnowsTypesWithoutADefault) {
  Providers with;
  const HttpResponse none = with.Send("GET", "/providers/team-a/policies/Tpm");
  EXPECT_EQ(with.Member(none, "team-a", "x-ms-policy"), "eyJhbGciOiJub25lIn0..");
  EXPECT_EQ(ErrorCode(with.Send("GET", "/providers/team-a/policies/Nitro")), "InvalidParameter");
}

TEST(Management, NeedsAVersion) {
  Providers with;
  for (const char* path : {"/policies/Tpm", "/certificates"}) {
    EXPECT_EQ(ErrorCode(with.Send("GET", path, "", "")), "MissingApiVersionParameter") << path;
  }
}

TEST(Management, TheSharedProviderIsReadOnly) {
  Providers with;
  const HttpResponse read = with.Send("GET", "/policies/SgxEnclave");
  const json::Value claims = TokenClaims(read, with.root.service);
  EXPECT_EQ(StoredPolicyText(*claims.Find("x-ms-policy")->AsString()).value(), Default());
  const std::string token = UnsecuredPolicyToken(kDeny);
  EXPECT_EQ(ErrorCode(with.Send("PUT", "/policies/SgxEnclave", token)), "InvalidOperation");
  EXPECT_EQ(ErrorCode(with.Send("POST", "/policies/SgxEnclave:reset", UnsecuredPolicyToken(""))),
            "InvalidOperation");
  const std::string add = with.manager.Sign(CertificatePayload(*with.manager.certificate));
  EXPECT_EQ(ErrorCode(with.Send("POST", "/certificates:add", add)), "InvalidOperation");
  EXPECT_EQ(ErrorCode(with.Send("POST", "/certificates:remove", add)), "InvalidOperation");
  EXPECT_EQ(with.Attest("").status, 200U);
}

TEST(Management, AnIsolatedProviderIsChangedByItsSignersAlone) {
  Providers with;
  EXPECT_EQ(ErrorCode(with.Send("PUT", kPolicyOfIso, UnsecuredPolicyToken(kDeny))),
            "InvalidOperation");
  EXPECT_EQ(ErrorCode(with.Send("PUT", kPolicyOfIso, Manager().SignPolicy(kDeny))),
            "InvalidOperation");
  EXPECT_EQ(ErrorCode(with.Send("POST", kPolicyOfIso + ":reset", UnsecuredPolicyToken(""))),
            "InvalidOperation");
  EXPECT_EQ(with.PolicyText("iso"), Default());
  EXPECT_EQ(with.Send("PUT", kPolicyOfIso, with.manager.SignPolicy(kDeny)).status, 200U);
  EXPECT_EQ(with.PolicyText("iso"), kDeny);
  EXPECT_EQ(with.Send("POST", kPolicyOfIso + ":reset", with.manager.Sign("")).status, 200U);
  EXPECT_EQ(with.PolicyText("iso"), Default());
}

std::size_t CertificateCount(Providers& with) {
  const json::Value claims = with.Claims(with.Send("GET", "/providers/iso/certificates"), "iso");
  return claims.Find("x-ms-policy-certificates")->Find("keys")->AsArray()->size();
}

TEST(Management, AddsAndRemovesCertificates) {
  Providers with;
  const Manager second;
  const std::string payload = CertificatePayload(*second.certificate);
  const std::string add = "\"" + with.manager.Sign(payload) + "\"";
  for (int i = 0; i < 2; ++i) {
    const HttpResponse added = with.Send("POST", "/providers/iso/certificates:add", add);
    EXPECT_EQ(with.Member(added, "iso", "x-ms-policycertificates-result"), "IsPresent");
    EXPECT_EQ(with.Member(added, "iso", "x-ms-certificate-thumbprint").size(), 40U);
  }
  EXPECT_EQ(CertificateCount(with), 2U);
  EXPECT_EQ(with.Send("PUT", kPolicyOfIso, second.SignPolicy(kDeny)).status, 200U);
  const HttpResponse removed =
      with.Send("POST", "/providers/iso/certificates:remove", with.manager.Sign(payload));
  EXPECT_EQ(with.Member(removed, "iso", "x-ms-policycertificates-result"), "IsAbsent");
  EXPECT_EQ(CertificateCount(with), 1U);
  EXPECT_EQ(ErrorCode(with.Send("PUT", kPolicyOfIso, second.SignPolicy(kPermit))),
            "InvalidOperation");
}

TEST(Management, NobodyAddsHimself) {
  Providers with;
  const Manager stranger;
  const std::string add = stranger.Sign(CertificatePayload(*stranger.certificate));
  EXPECT_EQ(ErrorCode(with.Send("POST", "/providers/iso/certificates:add", add)),
            "InvalidOperation");
  EXPECT_EQ(CertificateCount(with), 1U);
}

TEST(Management, TheLastCertificateStays) {
  Providers with;
  const std::string remove = with.manager.Sign(CertificatePayload(*with.manager.certificate));
  EXPECT_EQ(ErrorCode(with.Send("POST", "/providers/iso/certificates:remove", remove)),
            "InvalidOperation");
  EXPECT_EQ(CertificateCount(with), 1U);
}

// CertificateTests.VerifyFailedAddCertificate: code and status of the real service.
TEST(Management, AnAadProviderHasNoCertificates) {
  Providers with;
  const std::string add = with.manager.Sign(CertificatePayload(*with.manager.certificate));
  const HttpResponse refused = with.Send("POST", "/providers/team-a/certificates:add", add);
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(ErrorCode(refused), "InvalidOperation");
}

TEST(Management, IsClosedWhereNobodyIsKnown) {
  Providers with(GateWithoutIdentities(false));
  for (const std::string prefix : {"", "/providers/team-a", "/providers/none"}) {
    const std::string policy = prefix + "/policies/SgxEnclave";
    EXPECT_EQ(with.Send("GET", policy).status, 401U) << policy;
    EXPECT_EQ(with.Send("PUT", policy, UnsecuredPolicyToken(kDeny)).status, 401U);
    EXPECT_EQ(with.Send("POST", policy + ":reset", UnsecuredPolicyToken("")).status, 401U);
    EXPECT_EQ(with.Send("GET", prefix + "/certificates").status, 401U);
    EXPECT_EQ(with.Send("POST", prefix + "/certificates:add").status, 401U);
    EXPECT_EQ(with.Send("POST", prefix + "/certificates:remove").status, 401U);
  }
  EXPECT_EQ(with.Attest("/providers/team-a").status, 200U);
  EXPECT_EQ(with.Send("GET", "/providers/team-a/certs").status, 200U);
}

TEST(Management, AsksTheGateForEachAction) {
  std::string asked;
  Providers with([&asked](std::string_view provider, Action action, const HttpRequest&) {
    asked = std::string(provider) + " " + std::to_string(static_cast<int>(action));
    return access::Principal{"anonymous", {}, {}, access::Role::kNone};
  });
  const auto action = [](Action a) { return std::to_string(static_cast<int>(a)); };
  with.Attest("/providers/team-a");
  EXPECT_EQ(asked, "team-a " + action(Action::kAttest));
  with.Send("GET", "/policies/Tpm");
  EXPECT_EQ(asked, "shared " + action(Action::kRead));
  with.Send("PUT", "/providers/team-b/policies/Tpm");
  EXPECT_EQ(asked, "team-b " + action(Action::kWritePolicy));
  with.Send("POST", "/providers/iso/policies/Tpm:reset");
  EXPECT_EQ(asked, "iso " + action(Action::kWritePolicy));
  with.Send("POST", "/providers/iso/certificates:remove");
  EXPECT_EQ(asked, "iso " + action(Action::kManageCertificates));
}

}  // namespace
}  // namespace assay
