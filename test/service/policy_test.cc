// Policies in the service: what they admit, what they put into tokens, and how they are replaced.
#include <gtest/gtest.h>

#include <type_traits>

#include "appraise/admission.h"
#include "policy/defaults.h"
#include "service/simulated_service.h"

namespace assay {
namespace {

using policy::AttestationType;

HttpResponse PostQuote(Service& with) {
  return with.Post("/attest/SgxEnclave",
                   {{"quote", Encoded(with.simulation.evidence)}, {"nonce", "n-1"}});
}

HttpResponse PostUnder(Service& with, std::string text) {
  with.service.SetPolicies(
      PolicySet::Make({{AttestationType::kSgxEnclave, std::move(text)}}).value());
  return PostQuote(with);
}

json::Value Header(const HttpResponse& response) {
  const json::Value body = json::Parse(response.body).value();
  const std::string token = *body.Find("token")->AsString();
  return json::Parse(AsText(Base64UrlDecode(token.substr(0, token.find('.'))).value())).value();
}

// What no policy may be asked about cannot be written down.
static_assert(!std::is_default_constructible_v<VerifiedClaims>);
static_assert(!std::is_constructible_v<VerifiedClaims, std::string_view, Claims>);
static_assert(!std::is_invocable_v<decltype(Admit), const policy::Policy&, const Claims&,
                                   const TokenContext&>);

TEST(ServicePolicy, IsTheDefaultUntilOneIsSet) {
  Service with("sgx");
  const json::Value claims = TokenClaims(PostQuote(with), with.service);
  EXPECT_EQ(*claims.Find("x-ms-policy-hash")->AsString(),
            PolicyHash(*policy::DefaultPolicy(AttestationType::kSgxEnclave)));
  const json::Value* issued = claims.Find("x-ms-policy");
  ASSERT_NE(issued, nullptr);
  for (const char* name :
       {"is-debuggable", "product-id", "sgx-mrenclave", "sgx-mrsigner", "svn", "tee"}) {
    ASSERT_NE(issued->Find(name), nullptr) << name;
    EXPECT_EQ(json::Write(*issued->Find(name)), json::Write(*claims.Find(name))) << name;
  }
  EXPECT_EQ(issued->AsObject()->size(), 6U);
}

TEST(ServicePolicy, DeniesWithTheRuleTheClaimsAndTheNearestChange) {
  Service with("sgx");
  const HttpResponse response =
      PostUnder(with,
                "version=1.0;\nauthorizationrules {\n"
                "  [type==\"x-ms-sgx-is-debuggable\", value==true] => permit();\n};\n");
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(ErrorCode(response), "PolicyEvaluationError");
  const json::Value body = json::Parse(response.body).value();
  EXPECT_EQ(body.Find("token"), nullptr);
  EXPECT_NE(body.Find("error")->Find("message")->AsString()->find("No Permit claim was issued"),
            std::string::npos);
  const json::Value& nearest = *body.Find("policy")->Find("nearest");
  EXPECT_EQ(*nearest.Find("rule")->Find("line")->AsInt(), 3);
  EXPECT_EQ(*nearest.Find("changes")->AsArray()->at(0).Find("found")->AsString(), "false");
}

TEST(ServicePolicy, NamesTheDenyThatFiredAndTheClaimItSaw) {
  Service with("sgx");
  const HttpResponse response =
      PostUnder(with,
                "version=1.0;\nauthorizationrules {\n  => permit();\n"
                "  [type==\"x-ms-sgx-is-debuggable\", value==false] => deny();\n};\n");
  EXPECT_EQ(ErrorCode(response), "PolicyEvaluationError");
  const json::Value body = json::Parse(response.body).value();
  EXPECT_EQ(*body.Find("policy")->Find("rule")->Find("line")->AsInt(), 4);
  const json::Value& seen = body.Find("policy")->Find("claims")->AsArray()->at(0);
  EXPECT_EQ(*seen.Find("type")->AsString(), "x-ms-sgx-is-debuggable");
  EXPECT_FALSE(*seen.Find("value")->AsBool());
}

TEST(ServicePolicy, DeniesWhatItCannotEvaluate) {
  Service with("sgx");
  const HttpResponse response =
      PostUnder(with,
                "version=1.2;\nauthorizationrules { c:[type==\"x-ms-sgx-mrsigner\"] => "
                "add(type=\"x\", value=JmesPath(c.value, \"a\")); => permit(); };\n");
  EXPECT_EQ(ErrorCode(response), "PolicyEvaluationError") << response.body;
}

TEST(ServicePolicy, DeniesEverythingWhereNoneIsSet) {
  Service with("sgx");
  with.service.SetPolicies(PolicySet());
  EXPECT_EQ(ErrorCode(PostQuote(with)), "PolicyEvaluationError");
}

TEST(ServicePolicy, IsNotAskedAboutEvidenceThatIsNotTrusted) {
  Service with("sgx", "tcb_info.dates");
  const HttpResponse response =
      PostUnder(with, "version=1.0; authorizationrules { => permit(); };");
  EXPECT_EQ(ErrorCode(response), "AttestationFailed");
}

TEST(ServicePolicy, DecidesOnlyForItsOwnType) {
  Service with("tdx");
  with.service.SetPolicies(PolicySet::Make({{AttestationType::kSgxEnclave,
                                             "version=1.0; authorizationrules { => deny(); };"}})
                               .value());
  TokenClaims(with.Post("/attest/TdxVm", {{"quote", Encoded(with.simulation.evidence)}}),
              with.service);
}

TEST(ServicePolicy, SetsValidityAndCertificateOfTheToken) {
  const auto under = [](std::string_view properties) {
    return "version=1.1; authorizationrules { => permit(); }; issuancerules { " +
           std::string(properties) + " };";
  };
  Service with("sgx");
  const HttpResponse plain = PostUnder(with, under(""));
  EXPECT_EQ(Header(plain).Find("x5c"), nullptr);
  EXPECT_EQ(Header(plain).Find("x5t"), nullptr);
  const HttpResponse set =
      PostUnder(with, under("=> issueproperty(type=\"report_validity_in_minutes\", value=5); "
                            "=> issueproperty(type=\"omit_x5c\", value=true);"));
  EXPECT_EQ(*TokenClaims(set, with.service).Find("exp")->AsInt(), kTokenTime + 300);
  EXPECT_EQ(Header(set).Find("x5t")->AsString()->size(), 27U);
  const HttpResponse x5c =
      PostUnder(with, under("=> issueproperty(type=\"omit_x5c\", value=false);"));
  EXPECT_EQ(Header(x5c).Find("x5c")->AsArray()->size(), 1U);
}

TEST(ServicePolicy, DeniesAnOlderTcbBaselineThanThePolicyAsksFor) {
  Service with("sgx");
  const auto under = [&with](std::string_view wanted) {
    return PostUnder(with,
                     "version=1.1; configurationrules { => issueproperty(type="
                     "\"x-ms-sgx-tcbidentifier\", value=\"" +
                         std::string(wanted) + "\"); }; authorizationrules { => permit(); };");
  };
  EXPECT_EQ(under("azuredefault").status, 200U);
  EXPECT_EQ(under("1").status, 200U);
  EXPECT_EQ(ErrorCode(under("9999")), "PolicyEvaluationError");
  EXPECT_EQ(ErrorCode(under("latest")), "PolicyEvaluationError");
}

TEST(ServicePolicy, KnowsThatANonceIsTheClientsOwnWord) {
  Service with("sgx");
  const std::string text =
      "version=1.0; authorizationrules { [type==\"nonce\", issuer==\"AttestationService\"] => "
      "permit(); };";
  EXPECT_EQ(ErrorCode(PostUnder(with, text)), "PolicyEvaluationError");
}

TEST(PolicySet, IsNotMadeOfAPolicyThatDoesNotCompile) {
  const auto set = PolicySet::Make({{AttestationType::kTdxVm, "version=1.0;\nnonsense"}});
  ASSERT_FALSE(set.has_value());
  EXPECT_NE(set.error().message.find("TdxVm policy:2:"), std::string::npos) << set.error().message;
  EXPECT_NE(set.error().message.find('^'), std::string::npos);
}

TEST(PolicySet, HasTheDefaultsAndNoneForTpm) {
  const PolicySet set = PolicySet::Make({}).value();
  EXPECT_NE(set.Of(AttestationType::kSevSnpVm), nullptr);
  EXPECT_EQ(set.Of(AttestationType::kTpm), nullptr);
  EXPECT_EQ(PolicySet().Of(AttestationType::kSgxEnclave), nullptr);
}

}  // namespace
}  // namespace assay
