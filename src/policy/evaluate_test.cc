// What policies decide and issue.
#include <gtest/gtest.h>

#include <chrono>

#include "policy/testing.h"

namespace assay::policy {
namespace {

TEST(Evaluate, DeniesByDefault) {
  EXPECT_FALSE(Permits("", SgxClaims()));
  EXPECT_FALSE(Evaluate(Policy::Compile("version=1.0;").value(), SgxClaims()).permitted);
  EXPECT_FALSE(Permits("[type==\"none\"] => permit();", SgxClaims()));
  EXPECT_TRUE(Permits("=> permit();", {}));
}

// The samples of the SDKs deny what is debuggable first and permit the rest after
// (policy-examples.md, the signed policy).
TEST(Evaluate, LetsAnyDenyOverruleEveryPermit) {
  EXPECT_FALSE(Permits("[type==\"x-ms-sgx-is-debuggable\", value==true] => deny(); => permit();",
                       SgxClaims()));
  EXPECT_FALSE(Permits("=> permit(); [type==\"x-ms-sgx-is-debuggable\", value==true] => deny();",
                       SgxClaims()));
  EXPECT_TRUE(Permits("=> permit(); [type==\"x-ms-sgx-svn\", value<3] => deny();", SgxClaims()));
}

TEST(Evaluate, ComparesByType) {
  const auto holds = [](std::string_view items) {
    return Permits(std::string("[") + std::string(items) + "] => permit();", SgxClaims());
  };
  EXPECT_TRUE(holds("type==\"x-ms-sgx-svn\", value >= 3, value <= 3, value > 2, value < 4"));
  EXPECT_FALSE(holds("type==\"x-ms-sgx-svn\", value > 3"));
  EXPECT_TRUE(holds("type==\"x-ms-sgx-svn\", value != 4"));
  EXPECT_TRUE(holds("type==\"x-ms-sgx-mrsigner\", value == \"aa11\""));
  EXPECT_FALSE(holds("type==\"x-ms-sgx-mrsigner\", value == \"AA11\""));
  EXPECT_FALSE(holds("type==\"x-ms-sgx-svn\", value == \"3\""));
  EXPECT_TRUE(holds("type==\"x-ms-sgx-svn\", value != \"3\""));
  EXPECT_FALSE(holds("type==\"x-ms-sgx-mrsigner\", value >= 0"));
  EXPECT_TRUE(
      holds("type==\"x-ms-sgx-svn\", valueType==\"Integer\", issuer==\"AttestationService\""));
  EXPECT_FALSE(holds("type==\"x-ms-sgx-svn\", issuer==\"CustomClaim\""));
  EXPECT_FALSE(holds("type==\"X-MS-SGX-SVN\""));
}

TEST(Evaluate, RefersToTheClaimsOfEarlierConditions) {
  const std::vector<Claim> claims = {{"os", "linux", "CustomClaim", false},
                                     {"os", "linux", "AttestationService", false},
                                     {"os", "windows", "AttestationService", false}};
  // claim-rule-grammar.md, the example of F1 and C2.
  EXPECT_EQ(Issued("F1:[type==\"os\", issuer==\"CustomClaim\"] && "
                   "C2:[type==\"os\", issuer==\"AttestationService\", value==F1.value] "
                   "=> issue(claim = C2);",
                   claims),
            R"({"os":"linux"})");
  EXPECT_EQ(
      Issued(
          "c:[type==\"os\", issuer==\"AttestationService\"] => issue(type=\"all\", value=c.value);",
          claims),
      R"({"all":["linux","windows"]})");
  EXPECT_EQ(Issued("c:[type==\"os\", issuer==\"CustomClaim\"] => "
                   "issue(type=AppendString(c.type, \"-name\"), value=c.value);",
                   claims),
            R"({"os-name":"linux"})");
}

TEST(Evaluate, TakesAReferenceToSeveralClaimsAsASet) {
  const std::vector<Claim> claims = {{"least", 2, "a", false},  {"least", 5, "a", false},
                                     {"svn", 4, "a", false},    {"good", "x", "a", false},
                                     {"good", "y", "a", false}, {"is", "y", "a", false}};
  EXPECT_FALSE(
      Permits("m:[type==\"least\"] && [type==\"svn\", value >= m.value] => permit();", claims));
  EXPECT_TRUE(Permits(
      "m:[type==\"least\", value < 3] && [type==\"svn\", value >= m.value] => permit();", claims));
  EXPECT_TRUE(
      Permits("m:[type==\"good\"] && [type==\"is\", value == m.value] => permit();", claims));
  EXPECT_FALSE(
      Permits("m:[type==\"good\"] && [type==\"is\", value != m.value] => permit();", claims));
}

TEST(Evaluate, SeesTheAbsenceOfClaims) {
  EXPECT_EQ(Issued("![type==\"Claim3\"] => issue(type=\"Claim3\", value=300);"
                   "![type==\"Claim3\"] => issue(type=\"Claim3\", value=400);",
                   {}),
            R"({"Claim3":300})");
}

TEST(Evaluate, MakesWhatItAddsVisibleToLaterRulesUnderItsOwnIssuer) {
  EXPECT_EQ(Issued("=> add(type=\"a\", value=1); c:[type==\"a\", issuer==\"AttestationPolicy\"] => "
                   "issue(type=\"b\", value=c.value);",
                   {}),
            R"({"b":1})");
  EXPECT_TRUE(
      Permits("=> add(type=\"a\", value=true); [type==\"a\", value==true] => permit();", {}));
  EXPECT_FALSE(
      Permits("[type==\"a\", value==true] => permit(); => add(type=\"a\", value=true);", {}));
}

// tpm-attestation-sample-policies.md issues in authorizationrules; policy-version-1-0.md says that
// no claim issued there reaches the token.
TEST(Evaluate, KeepsWhatAuthorizationIssuesOutOfTheToken) {
  const auto policy =
      Policy::Compile(Rules("=> issue(type=\"a\", value=1); [type==\"a\"] => permit();"));
  const Evaluation result = Evaluate(*policy, {});
  EXPECT_TRUE(result.permitted);
  EXPECT_TRUE(result.issued.empty());
}

TEST(Evaluate, IssuesAnAgainIssuedClaimOnce) {
  EXPECT_EQ(Issued("=> issue(type=\"a\", value=true); => issue(type=\"a\", value=true);"
                   "=> issue(type=\"a\", value=false); => issue(type=\"b\", value=0);",
                   {}),
            R"({"a":[true,false],"b":0})");
}

TEST(Evaluate, KeepsJsonClaimsWhole) {
  const json::Value collateral = json::Object{{"quotehash", "ab"}, {"n", 1}};
  const std::vector<Claim> claims = {
      {"x-ms-sgx-collateral", collateral, "AttestationService", false}};
  EXPECT_EQ(Issued("c:[type==\"x-ms-sgx-collateral\"] => issue(claim=c);", claims),
            R"({"x-ms-sgx-collateral":{"quotehash":"ab","n":1}})");
  EXPECT_EQ(Issued("c:[type==\"x-ms-sgx-collateral\"] => issue(type=\"h\", "
                   "value=JsonToClaimValue(JmesPath(c.value, \"quotehash\")));",
                   claims),
            R"({"h":"ab"})");
  EXPECT_TRUE(
      Permits("[type==\"x-ms-sgx-collateral\", "
              "value==\"{\\\"quotehash\\\":\\\"ab\\\",\\\"n\\\":1}\"] => permit();",
              claims));
}

TEST(Evaluate, SetsProperties) {
  const auto policy = Policy::Compile(
      "version=1.1;configurationrules{=> issueproperty(type=\"required_pcr_mask\", value=15);"
      "=> issueproperty(type=\"require_valid_aik_cert\", value=false);"
      "=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");};"
      "authorizationrules{=> permit();};"
      "issuancerules{=> issueproperty(type=\"report_validity_in_minutes\", value=60);"
      "=> issueproperty(type=\"omit_x5c\", value=true);=> issueproperty(type=\"mine\", "
      "value=1);};");
  ASSERT_TRUE(policy) << policy.error().message;
  const Evaluation result = Evaluate(*policy, {});
  EXPECT_EQ(result.properties.required_pcr_mask, 15);
  EXPECT_EQ(result.properties.require_valid_aik_cert, false);
  EXPECT_EQ(result.properties.tcb_identifier, "azuredefault");
  EXPECT_EQ(result.properties.report_validity_in_minutes, 60);
  EXPECT_EQ(result.properties.omit_x5c, true);
  EXPECT_EQ(json::Write(result.properties.other), R"({"mine":1})");
  const auto early = Configuration(*policy);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->required_pcr_mask, 15);
  EXPECT_FALSE(early->report_validity_in_minutes);
}

TEST(Evaluate, DeniesWhenARuleCannotBeEvaluated) {
  const std::vector<Claim> claims = {{"a", "no JSON", "x", false}, {"v", "x", "x", false}};
  const auto policy = Policy::Compile(
      Rules("=> permit();",
            "=> issue(type=\"b\", value=1);\n"
            "c:[type==\"a\"] => issue(type=\"c\", value=JmesPath(c.value, \"x\"));"));
  const Evaluation result = Evaluate(*policy, claims);
  EXPECT_FALSE(result.permitted);
  EXPECT_TRUE(result.issued.empty());
  ASSERT_TRUE(result.explanation.error);
  EXPECT_EQ(result.explanation.error->message.substr(0, 16), "policy:7:40: JSO");
  EXPECT_EQ(result.explanation.summary, "denied: the rule on line 7 could not be evaluated");
  const auto late = Policy::Compile(
      Rules("=> permit();", "c:[type==\"v\"] => issueproperty(type=\"omit_x5c\", value=c.value);"));
  EXPECT_FALSE(Evaluate(*late, claims).permitted);
}

// policy-version-1-2.md: pcrs can be compared, not issued.
TEST(Evaluate, NeverIssuesWhatIsReadOnly) {
  const auto claims = ServiceClaims(
      {{"pcrs", json::Parse(R"({"PCRs":[{"Index":0,"Digests":{"SHA256":"ab"}}]})").value()}});
  const std::string query = "JmesPath(c.value, \"PCRs[?Index == `0`].Digests.SHA256 | [0]\")";
  EXPECT_NE(Issued("c:[type==\"pcrs\"] => issue(claim=c);", claims).find("read-only"),
            std::string::npos);
  EXPECT_NE(
      Issued("c:[type==\"pcrs\"] => issue(type=\"x\", value=AppendString(\"\", " + query + "));",
             claims)
          .find("read-only"),
      std::string::npos);
  EXPECT_NE(Issued("c:[type==\"pcrs\"] => add(type=\"x\", value=JsonToClaimValue(" + query +
                       ")); d:[type==\"x\"] => issue(claim=d);",
                   claims)
                .find("read-only"),
            std::string::npos);
  EXPECT_EQ(
      Issued("c:[type==\"pcrs\"] => issue(type=\"x\", value=ContainsOnlyValue(JsonToClaimValue(" +
                 query + "), \"ab\"));",
             claims),
      R"({"x":true})");
  EXPECT_TRUE(
      Permits("c:[type==\"pcrs\"] => add(type=\"ok\", value=JsonToClaimValue(JmesPath(c.value, "
              "\"PCRs[0].Digests.SHA256 == 'ab'\")));"
              "[type==\"ok\", value==true] => permit();",
              claims));
}

TEST(Evaluate, EndsQuicklyWhateverTheClaims) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Claim> many;
  for (int i = 0; i < 3000; ++i) many.push_back({"t", i, "x", false});
  EXPECT_NE(Issued("a:[type==\"t\"] && b:[type==\"t\", value!=a.value] => "
                   "issue(type=\"z\", value=1);",
                   many)
                .find("more than 4000000 steps"),
            std::string::npos);
  std::string rules = "=> add(type=\"a\", value=\"x\");";
  for (int i = 0; i < 40; ++i) {
    rules += "c:[type==\"a\"] => add(type=\"a\", value=AppendString(c.value, c.value));\n";
  }
  EXPECT_NE(Issued(rules, {}).find("a set of more than 20000 values"), std::string::npos);
  rules = "=> add(type=\"a\", value=\"x\");";
  std::string from = "a";
  for (int i = 0; i < 60; ++i, from += "a") {
    rules += "c:[type==\"" + from + "\"] => add(type=\"" + from +
             "a\", value=AppendString(c.value, c.value));\n";
  }
  EXPECT_NE(Issued(rules, {}).find("steps"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace assay::policy
