#include "release/evaluate.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "release/testing.h"

namespace assay::release {
namespace {

using namespace testing;

Evaluation Of(const std::string& tests, const std::string& claims) {
  const ReleasePolicy policy = Policy(PolicyText(BranchOf("https://a.example", tests)));
  const json::Value value = Json(claims);
  const AuthorityClaims one{"https://a.example", &value};
  return Evaluate(policy, {&one, 1});
}

bool Met(const std::string& test, const std::string& claims) {
  return Of(test, claims).branch.has_value();
}

Outcome OutcomeOf(const std::string& test, const std::string& claims) {
  return Of(test, claims).findings.at(0).outcome;
}

TEST(Evaluate, ComparesEachTypeWithItsOwn) {
  EXPECT_TRUE(Met(R"({"claim":"c","equals":"x"})", R"({"c":"x"})"));
  EXPECT_FALSE(Met(R"({"claim":"c","equals":"x"})", R"({"c":"X"})"));
  EXPECT_TRUE(Met(R"({"claim":"c","equals":7})", R"({"c":7})"));
  EXPECT_TRUE(Met(R"({"claim":"c","equals":7})", R"({"c":7.0})"));
  EXPECT_TRUE(Met(R"({"claim":"c","equals":true})", R"({"c":true})"));
  EXPECT_FALSE(Met(R"({"claim":"c","equals":true})", R"({"c":false})"));
}

TEST(Evaluate, IsNotMetByAClaimOfAnotherType) {
  for (const char* test : {R"({"claim":"c","equals":1})", R"({"claim":"c","notEquals":2})",
                           R"({"claim":"c","greater":0})", R"({"claim":"c","equals":true})",
                           R"({"claim":"c","notEquals":true})"}) {
    for (const char* claims :
         {R"({"c":"1"})", R"({"c":[1]})", R"({"c":{"c":1}})", R"({"c":null})", R"({"c":"true"})"}) {
      const Evaluation result = Of(test, claims);
      EXPECT_FALSE(result.branch) << test << claims;
      EXPECT_EQ(result.reason, Reason::kClaimOfAnotherType) << test << claims;
    }
  }
  EXPECT_EQ(OutcomeOf(R"({"claim":"c","equals":"1"})", R"({"c":1})"), Outcome::kOtherType);
  EXPECT_EQ(OutcomeOf(R"({"claim":"c","equals":1})", R"({"c":true})"), Outcome::kOtherType);
  EXPECT_EQ(OutcomeOf(R"({"claim":"c","equals":"x"})", R"({"c":true})"), Outcome::kOtherType);
}

TEST(Evaluate, LetsABooleanClaimMeetTheTextThatTheGrammarWritesForIt) {
  EXPECT_TRUE(Met(R"({"claim":"c","equals":"false"})", R"({"c":false})"));
  EXPECT_FALSE(Met(R"({"claim":"c","equals":"false"})", R"({"c":true})"));
  EXPECT_TRUE(Met(R"({"claim":"c","notEquals":"true"})", R"({"c":false})"));
  EXPECT_FALSE(Met(R"({"claim":"c","equals":"True"})", R"({"c":true})"));
}

TEST(Evaluate, IsNotMetByAClaimThatIsMissing) {
  for (const char* test : {R"({"claim":"c","equals":1})", R"({"claim":"c","notEquals":1})",
                           R"({"claim":"c","less":1})", R"({"claim":"c","exists":true})"}) {
    const Evaluation result = Of(test, R"({"d":1})");
    EXPECT_FALSE(result.branch) << test;
    EXPECT_EQ(result.reason, Reason::kClaimMissing) << test;
  }
}

TEST(Evaluate, OrdersNumbersExactly) {
  EXPECT_TRUE(Met(R"({"claim":"c","less":2})", R"({"c":1.5})"));
  EXPECT_FALSE(Met(R"({"claim":"c","less":2})", R"({"c":2})"));
  EXPECT_TRUE(Met(R"({"claim":"c","lessOrEquals":2})", R"({"c":2})"));
  EXPECT_FALSE(Met(R"({"claim":"c","lessOrEquals":2})", R"({"c":3})"));
  EXPECT_TRUE(Met(R"({"claim":"c","greater":-2})", R"({"c":-1})"));
  EXPECT_FALSE(Met(R"({"claim":"c","greater":-2})", R"({"c":-2})"));
  EXPECT_TRUE(Met(R"({"claim":"c","greaterOrEquals":2})", R"({"c":2})"));
  EXPECT_FALSE(Met(R"({"claim":"c","greaterOrEquals":2})", R"({"c":1})"));
  // 2^53 + 1 is no double.
  EXPECT_FALSE(Met(R"({"claim":"c","equals":9007199254740993})", R"({"c":9007199254740992.0})"));
  EXPECT_TRUE(Met(R"({"claim":"c","greater":9007199254740992.0})", R"({"c":9007199254740993})"));
}

TEST(Evaluate, TellsWhetherAClaimIsThere) {
  EXPECT_TRUE(Met(R"({"claim":"c","exists":true})", R"({"c":0})"));
  EXPECT_FALSE(Met(R"({"claim":"c","exists":false})", R"({"c":0})"));
  EXPECT_TRUE(Met(R"({"claim":"c","exists":false})", R"({"d":0})"));
  EXPECT_TRUE(Met(R"({"claim":"a.c","exists":false})", R"({"a":{}})"));
  EXPECT_TRUE(Met(R"({"claim":"a.c","exists":true})", R"({"a":{"c":{}}})"));
}

TEST(Evaluate, TakesNullForNeitherThereNorAbsent) {
  EXPECT_FALSE(Met(R"({"claim":"c","exists":true})", R"({"c":null})"));
  EXPECT_FALSE(Met(R"({"claim":"c","exists":false})", R"({"c":null})"));
}

TEST(Evaluate, GoesThroughObjectsOnly) {
  const char* test = R"({"claim":"a.b.c","equals":1})";
  EXPECT_TRUE(Met(test, R"({"a":{"b":{"c":1}}})"));
  EXPECT_FALSE(Met(test, R"({"a":[{"b":{"c":1}}]})"));
  EXPECT_FALSE(Met(test, R"({"a":{"b":[{"c":1}]}})"));
  EXPECT_FALSE(Met(R"({"claim":"a.0","equals":1})", R"({"a":[1]})"));
}

TEST(Evaluate, IsNotMetByANestedClaimSpoofedAtTheTop) {
  const char* test = R"({"claim":"x-ms-isolation-tee.type","equals":"sevsnpvm"})";
  for (const char* claims : {R"({"x-ms-isolation-tee.type":"sevsnpvm"})", R"({"type":"sevsnpvm"})",
                             R"({"type":"sevsnpvm","x-ms-isolation-tee":{}})"}) {
    const Evaluation result = Of(test, claims);
    EXPECT_FALSE(result.branch) << claims;
    EXPECT_EQ(result.reason, Reason::kClaimAtAnotherLevel) << claims;
  }
}

TEST(Evaluate, IsNotMetByATopClaimSpoofedWithinAnObject) {
  const Evaluation result =
      Of(R"({"claim":"type","equals":"sevsnpvm"})", R"({"x-ms-runtime":{"type":"sevsnpvm"}})");
  EXPECT_FALSE(result.branch);
  EXPECT_EQ(result.reason, Reason::kClaimAtAnotherLevel);
}

TEST(Evaluate, NestsAnyOfAndAllOf) {
  const char* tests = R"({"claim":"a","equals":1},
    {"anyOf":[{"claim":"b","equals":1},{"allOf":[{"claim":"c","equals":1},{"claim":"d","equals":1}]}]})";
  EXPECT_TRUE(Met(tests, R"({"a":1,"b":1})"));
  EXPECT_TRUE(Met(tests, R"({"a":1,"c":1,"d":1})"));
  EXPECT_FALSE(Met(tests, R"({"a":1,"c":1})"));
  EXPECT_FALSE(Met(tests, R"({"b":1})"));
}

TEST(Evaluate, ExplainsEachCondition) {
  const Evaluation result = Of(
      R"({"claim":"a.b","equals":"x"},{"anyOf":[{"claim":"n","greater":3},{"claim":"m","equals":1}]})",
      R"({"a":{"b":"y"},"n":2})");
  ASSERT_EQ(result.findings.size(), 3U);
  EXPECT_EQ(result.findings[0].place, "anyOf[0].allOf[0]");
  EXPECT_EQ(result.findings[0].claim, "a.b");
  EXPECT_EQ(result.findings[0].expected, "equals \"x\"");
  EXPECT_EQ(result.findings[0].found, "\"y\"");
  EXPECT_EQ(result.findings[1].place, "anyOf[0].allOf[1].anyOf[0]");
  EXPECT_EQ(result.findings[1].expected, "greater 3");
  EXPECT_EQ(result.findings[2].outcome, Outcome::kMissing);
  EXPECT_EQ(result.findings[2].found, "nothing");
}

TEST(Evaluate, NamesTheOneReasonThatAllHave) {
  const char* two = R"({"claim":"a","equals":1},{"claim":"b","equals":1})";
  EXPECT_EQ(Of(two, R"({"z":1})").reason, Reason::kClaimMissing);
  EXPECT_EQ(Of(two, R"({"a":1})").reason, Reason::kClaimMissing);
  EXPECT_EQ(Of(two, R"({"a":2,"b":2})").reason, Reason::kPolicyFalse);
  EXPECT_EQ(Of(two, R"({"a":2})").reason, Reason::kPolicyFalse);
  // What is missing in a group that is met is no reason.
  EXPECT_EQ(Of(R"({"anyOf":[{"claim":"z","equals":1},{"claim":"a","equals":1}]},
                  {"claim":"b","equals":1})",
               R"({"a":1,"b":"1"})")
                .reason,
            Reason::kClaimOfAnotherType);
}

TEST(Evaluate, ShowsLongValuesByTheirSize) {
  const Evaluation result =
      Of(R"({"claim":"c","equals":"x"})", R"({"c":")" + std::string(201, 'y') + R"("})");
  EXPECT_EQ(result.findings.at(0).found, "a string of 201 bytes");
}

TEST(Evaluate, BoundsItsExplanationAndNotItsVerdict) {
  std::string tests = R"({"claim":"c","equals":1})";
  for (std::size_t i = 0; i < limits::kReleaseExplained; ++i) {
    tests += R"(,{"claim":"c","equals":1})";
  }
  tests += R"(,{"claim":"d","equals":1})";
  const Evaluation result = Of(tests, R"({"c":1})");
  EXPECT_FALSE(result.branch);
  EXPECT_EQ(result.reason, Reason::kClaimMissing);
  EXPECT_EQ(result.findings.size(), limits::kReleaseExplained);
}

// Two authorities, each with claims of its own.
Evaluation OfTwo(const std::string& branches, const std::string& a, const std::string& b) {
  const ReleasePolicy policy = Policy(PolicyText(branches));
  const json::Value first = Json(a);
  const json::Value second = Json(b);
  std::vector<AuthorityClaims> claims;
  if (!first.is_null()) claims.push_back({"https://a.example", &first});
  if (!second.is_null()) claims.push_back({"https://b.example", &second});
  return Evaluate(policy, claims);
}

const std::string kA = BranchOf("https://a.example", R"({"claim":"c","equals":1})");
const std::string kB = BranchOf("https://b.example", R"({"claim":"c","equals":2})");

TEST(Evaluate, JudgesEachAuthorityByItsOwnClaims) {
  EXPECT_EQ(OfTwo(kA + "," + kB, R"({"c":1})", "null").branch, 0U);
  EXPECT_EQ(OfTwo(kA + "," + kB, "null", R"({"c":2})").branch, 1U);
  EXPECT_FALSE(OfTwo(kA + "," + kB, R"({"c":2})", "null").branch);
  EXPECT_FALSE(OfTwo(kA + "," + kB, "null", R"({"c":1})").branch);
  EXPECT_FALSE(OfTwo(kA + "," + kB, R"({"c":2})", R"({"c":1})").branch);
}

TEST(Evaluate, HasOnlyReasonsOfAuthoritiesThatSaidSomething) {
  EXPECT_EQ(OfTwo(kA + "," + kB, R"({"d":1})", "null").reason, Reason::kClaimMissing);
}

TEST(Evaluate, DemandsAllOfAnAgreement) {
  const std::string agreement = AgreementOf(kA + "," + kB);
  EXPECT_EQ(OfTwo(agreement, R"({"c":1})", R"({"c":2})").branch, 0U);
  EXPECT_FALSE(OfTwo(agreement, R"({"c":1})", R"({"c":1})").branch);
  EXPECT_FALSE(OfTwo(agreement, R"({"c":2})", R"({"c":2})").branch);
  const Evaluation alone = OfTwo(agreement, R"({"c":1})", "null");
  EXPECT_FALSE(alone.branch);
  EXPECT_EQ(alone.reason, Reason::kAgreementIncomplete);
  EXPECT_EQ(alone.findings.at(1).expected, "a token of https://b.example");
}

TEST(Evaluate, DemandsThatNamedClaimsAreEqualInAnAgreement) {
  const std::string agreement = AgreementOf(kA + "," + kB, R"("m.x")");
  const auto with = [&agreement](const std::string& a, const std::string& b) {
    return OfTwo(agreement, R"({"c":1,"m":)" + a + "}", R"({"c":2,"m":)" + b + "}");
  };
  EXPECT_EQ(with(R"({"x":"h"})", R"({"x":"h"})").branch, 0U);
  for (const char* other : {R"({"x":"g"})", R"({"x":1})", "{}", "7", R"({"x":null})"}) {
    const Evaluation result = with(R"({"x":"h"})", other);
    EXPECT_FALSE(result.branch) << other;
    EXPECT_EQ(result.reason, Reason::kAgreementDiffers) << other;
  }
  EXPECT_FALSE(with("{}", "{}").branch);
  EXPECT_FALSE(with(R"({"x":{}})", R"({"x":{}})").branch);
  EXPECT_FALSE(with(R"({"x":"true"})", R"({"x":true})").branch);
  EXPECT_FALSE(with(R"({"x":true})", R"({"x":"true"})").branch);
}

}  // namespace
}  // namespace assay::release
