#include "release/policy.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay::release {
namespace {

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A policy of one authority with this group beside it.
std::string WithGroup(const std::string& group) {
  return R"({"version":"1.0.0","anyOf":[{"authority":"https://a.example",)" + group + "}]}";
}
std::string WithTest(const std::string& test) { return WithGroup("\"allOf\":[" + test + "]"); }

std::string Refusal(const std::string& text) {
  const auto policy = ParseReleasePolicy(text);
  return policy ? "accepted" : policy.error().message;
}

TEST(ReleasePolicy, ReadsTheShapesThatAzureDocuments) {
  const auto policy = ParseReleasePolicy(R"({
    "version": "1.0.0",
    "anyOf": [
      {"authority": "https://a.example/", "allOf": [
        {"claim": "x-ms-isolation-tee.x-ms-attestation-type", "equals": "sevsnpvm"},
        {"anyOf": [{"claim": "b", "equals": true}, {"allOf": [{"claim": "c", "less": 3}]}]}]},
      {"anyOf": [{"claim": "d", "exists": "false"}], "authority": "https://b.example"}]})");
  ASSERT_TRUE(policy) << policy.error().message;
  ASSERT_EQ(policy->any_of.size(), 2U);
  const Authority& first = policy->any_of[0].authorities.at(0);
  EXPECT_EQ(first.issuer, "https://a.example");
  EXPECT_EQ(first.conditions.quantifier, Quantifier::kAllOf);
  const auto& test = std::get<ClaimTest>(first.conditions.conditions.at(0).node);
  EXPECT_EQ(test.claim, (ClaimPath{"x-ms-isolation-tee", "x-ms-attestation-type"}));
  EXPECT_EQ(Write(test.claim), "x-ms-isolation-tee.x-ms-attestation-type");
  EXPECT_EQ(std::get<Group>(first.conditions.conditions.at(1).node).quantifier, Quantifier::kAnyOf);
  const Group& second = policy->any_of[1].authorities.at(0).conditions;
  EXPECT_FALSE(*std::get<ClaimTest>(second.conditions.at(0).node).operand.AsBool());
  EXPECT_TRUE(policy->Names("https://b.example"));
  EXPECT_FALSE(policy->Names("https://b.example/"));
  EXPECT_FALSE(policy->Names("https://c.example"));
}

TEST(ReleasePolicy, ReadsEachOperator) {
  for (const auto op :
       {Operator::kEquals, Operator::kNotEquals, Operator::kLess, Operator::kLessOrEquals,
        Operator::kGreater, Operator::kGreaterOrEquals, Operator::kExists}) {
    const std::string operand = op == Operator::kExists ? "true" : "3";
    const auto policy = ParseReleasePolicy(
        WithTest(R"({"claim":"c",")" + std::string(Name(op)) + "\":" + operand + "}"));
    ASSERT_TRUE(policy) << Name(op);
    const Group& group = policy->any_of[0].authorities[0].conditions;
    EXPECT_EQ(std::get<ClaimTest>(group.conditions[0].node).op, op);
  }
}

TEST(ReleasePolicy, ReadsAnAgreement) {
  const auto policy = ParseReleasePolicy(R"({"version":"1.0.0","anyOf":[{"x-assay-agreement":{
    "authorities":[{"authority":"https://a.example","allOf":[{"claim":"c","equals":1}]},
                   {"authority":"https://b.example","anyOf":[{"claim":"d","equals":1}]}],
    "equal":["x-ms-runtime.client-payload.nonce"]}}]})");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->any_of[0].authorities.size(), 2U);
  EXPECT_EQ(policy->any_of[0].equal.at(0).size(), 3U);
  EXPECT_TRUE(policy->Names("https://b.example"));
}

TEST(ReleasePolicy, SaysWhereItIsWrong) {
  const std::string deep = R"({"anyOf":[{"claim":"c","equals":1},{"claim":"c","is":1}]})";
  EXPECT_TRUE(Has(Refusal(WithTest(deep)),
                  "release policy: anyOf[0].allOf[0].anyOf[1]: expected equals, notEquals"));
}

TEST(ReleasePolicy, RefusesOtherVersions) {
  const std::string rest = R"("anyOf":[{"authority":"a","allOf":[{"claim":"c","equals":1}]}]})";
  EXPECT_EQ(Refusal(R"({"version":"1.0.0",)" + rest), "accepted");
  EXPECT_TRUE(Has(Refusal(R"({"version":"1.0",)" + rest), "found \"1.0\""));
  EXPECT_TRUE(Has(Refusal(R"({"version":1,)" + rest), "version: expected \"1.0.0\""));
  EXPECT_TRUE(Has(Refusal("{" + rest), "version: expected"));
}

TEST(ReleasePolicy, RefusesUnknownMembersEverywhere) {
  EXPECT_TRUE(Has(Refusal(R"({"version":"1.0.0","allOf":[]})"), "found \"allOf\""));
  EXPECT_TRUE(Has(Refusal(WithGroup(R"("AllOf":[{"claim":"c","equals":1}])")), "found \"AllOf\""));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","Equals":1})")), "found \"Equals\""));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"not":[{"claim":"c","equals":1}]})")), "found \"not\""));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","equals":1,"less":2})")), "one operator"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","condition":"equals","value":1})")), "more"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c"})")), "an operator beside the claim"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"equals":1})")), "found \"equals\""));
}

TEST(ReleasePolicy, RefusesAnAuthorityWithBothGroupsOrNone) {
  EXPECT_TRUE(Has(Refusal(WithGroup(R"("anyOf":[{"claim":"c","equals":1}],"allOf":[])")), "more"));
  EXPECT_TRUE(Has(Refusal(R"({"version":"1.0.0","anyOf":[{"authority":"a"}]})"), "beside"));
}

TEST(ReleasePolicy, RefusesAnAuthorityWithinConditions) {
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"authority":"b","allOf":[{"claim":"c","equals":1}]})")),
                  "policy's own anyOf only"));
}

TEST(ReleasePolicy, RefusesAuthoritiesThatAreNoIssuer) {
  const auto with = [](const std::string& authority) {
    return Refusal(R"({"version":"1.0.0","anyOf":[{"authority":)" + authority +
                   R"(,"allOf":[{"claim":"c","equals":1}]}]})");
  };
  EXPECT_EQ(with("\"my.attestation.com\""), "accepted");
  for (const char* wrong :
       {"\"\"", "\"/\"", "7", "\"https://a example\"", "\"https://a\\u0000\""}) {
    EXPECT_TRUE(Has(with(wrong), "anyOf[0].authority: expected the issuer")) << wrong;
  }
}

TEST(ReleasePolicy, RefusesEmptyLists) {
  EXPECT_TRUE(Has(Refusal(R"({"version":"1.0.0","anyOf":[]})"), "one entry or more"));
  EXPECT_TRUE(Has(Refusal(WithTest("")), "one entry or more"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"anyOf":[]})")), "one entry or more"));
  EXPECT_TRUE(Has(Refusal(WithTest("7")), "allOf[0]: expected an object"));
}

TEST(ReleasePolicy, RefusesOperandsOfAnotherType) {
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","equals":null})")), "a string, a number"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","equals":{"a":1}})")), "a string, a number"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","notEquals":[1]})")), "a string, a number"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","less":"9"})")), "expected a number"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","greater":true})")), "expected a number"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","exists":1})")), "expected true or false"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"c","exists":"yes"})")), "expected true or false"));
}

TEST(ReleasePolicy, RefusesClaimNamesWithEmptyParts) {
  for (const char* wrong : {".a", "a.", "a..b", "."}) {
    EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":")" + std::string(wrong) + R"(","equals":1})")),
                    "allOf[0].claim"))
        << wrong;
  }
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":"","equals":1})")), "the name of a claim"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"claim":7,"equals":1})")), "the name of a claim"));
}

TEST(ReleasePolicy, RefusesAMemberThatStandsTwice) {
  EXPECT_NE(Refusal(WithTest(R"({"claim":"c","claim":"d","equals":1})")), "accepted");
}

TEST(ReleasePolicy, RefusesAgreementsThatAreNone) {
  const auto with = [](const std::string& agreement) {
    return Refusal(R"({"version":"1.0.0","anyOf":[{"x-assay-agreement":)" + agreement + "}]}");
  };
  const std::string a = R"({"authority":"https://a.example","allOf":[{"claim":"c","equals":1}]})";
  const std::string a2 = R"({"authority":"https://a.example/","allOf":[{"claim":"c","equals":1}]})";
  const std::string b = R"({"authority":"https://b.example","allOf":[{"claim":"c","equals":1}]})";
  EXPECT_EQ(with(R"({"authorities":[)" + a + "," + b + "]}"), "accepted");
  EXPECT_TRUE(Has(with(R"({"authorities":[)" + a + "," + a2 + "]}"), "agree with itself"));
  EXPECT_TRUE(Has(with(R"({"authorities":[)" + a + "]}"), "2 to 4"));
  EXPECT_TRUE(Has(with(R"({"authorities":[)" + a + "," + b + R"(],"extra":1})"), "\"extra\""));
  EXPECT_TRUE(Has(with(R"({"authorities":[)" + a + "," + b + R"(],"equal":[]})"), "equal"));
  EXPECT_TRUE(
      Has(with(R"({"authorities":[)" + a + "," + b + R"(],"equal":["a..b"]})"), "equal[0]"));
  EXPECT_TRUE(Has(with("[]"), "expected an object"));
  EXPECT_TRUE(
      Has(Refusal(R"({"version":"1.0.0","anyOf":[{"authority":"a","x-assay-agreement":{}}]})"),
          "stands alone"));
  EXPECT_TRUE(Has(Refusal(WithTest(R"({"x-assay-agreement":{}})")), "found \"x-assay-agreement\""));
}

std::string Nested(std::size_t levels) {
  std::string out = R"({"claim":"c","equals":1})";
  for (std::size_t i = 0; i < levels; ++i) out = R"({"anyOf":[)" + out + "]}";
  return out;
}

TEST(ReleasePolicy, BoundsItsDepth) {
  EXPECT_EQ(Refusal(WithTest(Nested(limits::kReleasePolicyDepth - 1))), "accepted");
  EXPECT_TRUE(Has(Refusal(WithTest(Nested(limits::kReleasePolicyDepth))), "levels"));
}

std::string ManyTests(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += std::string(i > 0 ? "," : "") + R"({"claim":"c","equals":1})";
  }
  return out;
}

TEST(ReleasePolicy, BoundsItsConditionsAndItsSize) {
  EXPECT_EQ(Refusal(WithTest(ManyTests(limits::kReleasePolicyNodes))), "accepted");
  EXPECT_TRUE(Has(Refusal(WithTest(ManyTests(limits::kReleasePolicyNodes + 1))), "in all"));
  EXPECT_TRUE(Has(Refusal(std::string(limits::kReleasePolicyBytes + 1, ' ')), "bytes"));
}

TEST(ReleasePolicy, BoundsTheNamesOfClaims) {
  const auto claim = [](const std::string& name) {
    return Refusal(WithTest(R"({"claim":")" + name + R"(","equals":1})"));
  };
  EXPECT_EQ(claim(std::string(limits::kReleaseClaimBytes, 'c')), "accepted");
  EXPECT_TRUE(Has(claim(std::string(limits::kReleaseClaimBytes + 1, 'c')), "at most"));
  std::string path = "c";
  for (std::size_t i = 1; i < limits::kReleaseClaimParts; ++i) path += ".c";
  EXPECT_EQ(claim(path), "accepted");
  EXPECT_TRUE(Has(claim(path + ".c"), "parts"));
}

TEST(ReleasePolicy, RefusesWhatIsNoJson) {
  EXPECT_TRUE(Has(Refusal("{"), "release policy: "));
  EXPECT_TRUE(Has(Refusal("[]"), "expected a JSON object"));
}

}  // namespace
}  // namespace assay::release
