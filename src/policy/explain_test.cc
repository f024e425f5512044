// Why a policy decided as it did.
#include <gtest/gtest.h>

#include "policy/testing.h"

namespace assay::policy {
namespace {

Explanation Explain(std::string_view authorization,
                    const std::vector<Claim>& claims = SgxClaims()) {
  return Evaluate(Policy::Compile(Rules(authorization)).value(), claims).explanation;
}

TEST(Explain, NamesThePermitThatFiredAndItsClaims) {
  const Explanation why = Explain(
      "[type==\"none\"] => permit();\n"
      "[type==\"x-ms-sgx-svn\", value>=2] && ![type==\"none\"] => permit();\n=> permit();");
  EXPECT_EQ(why.summary, "permitted by the rule on line 4");
  ASSERT_TRUE(why.rule);
  EXPECT_EQ(why.rule->index, 1U);
  EXPECT_EQ(why.rule->place.column, 1U);
  EXPECT_EQ(why.rule->text,
            "[type == \"x-ms-sgx-svn\", value >= 2] && ![type == \"none\"] => permit();");
  ASSERT_EQ(why.claims.size(), 1U);
  EXPECT_EQ(why.claims[0].type, "x-ms-sgx-svn");
  EXPECT_EQ(json::Write(why.claims[0].value), "3");
  EXPECT_FALSE(why.nearest);
}

TEST(Explain, TellsTheNearestChangeThatWouldHavePassed) {
  const Explanation why = Explain(
      "[type==\"x-ms-sgx-is-debuggable\", value==false] && [type==\"x-ms-sgx-mrsigner\", "
      "value==\"cc\"] => permit();\n"
      "[type==\"x-ms-sgx-is-debuggable\", value==false] && [type==\"x-ms-sgx-svn\", value>=3] => "
      "permit();");
  EXPECT_EQ(why.summary, "denied: no permit() of the authorizationrules fired");
  EXPECT_FALSE(why.rule);
  ASSERT_TRUE(why.nearest);
  EXPECT_EQ(why.nearest->rule.place.line, 4U);
  ASSERT_EQ(why.nearest->misses.size(), 1U);
  EXPECT_EQ(why.nearest->misses[0].wanted, "x-ms-sgx-is-debuggable: value == false");
  EXPECT_EQ(why.nearest->misses[0].found, "true");
  EXPECT_EQ(why.nearest->misses[0].place.column, 34U);
}

TEST(Explain, SaysThatAClaimIsMissingOrMustNotBeThere) {
  const Explanation why = Explain(
      "a:[type==\"x-ms-sgx-svn\"] && [type==\"none\", value==a.value] && "
      "![type==\"x-ms-sgx-mrsigner\"] => permit();");
  ASSERT_TRUE(why.nearest);
  ASSERT_EQ(why.nearest->misses.size(), 2U);
  EXPECT_EQ(why.nearest->misses[0].wanted, "none: value == a.value (which is 3)");
  EXPECT_EQ(why.nearest->misses[0].found, "no such claim");
  EXPECT_EQ(why.nearest->misses[1].wanted, "![type == \"x-ms-sgx-mrsigner\"]");
  EXPECT_EQ(why.nearest->misses[1].found, "\"aa11\"");
}

TEST(Explain, NamesTheDenyAndWhatFiredIt) {
  const Explanation why =
      Explain("=> permit();\n[type==\"x-ms-sgx-is-debuggable\", value==true] => deny();");
  EXPECT_EQ(why.summary, "denied by the rule on line 4");
  ASSERT_TRUE(why.rule);
  EXPECT_EQ(why.claims.size(), 1U);
  ASSERT_TRUE(why.nearest);
  EXPECT_EQ(why.nearest->misses[0].wanted,
            "[type == \"x-ms-sgx-is-debuggable\", value == true] not to hold");
  EXPECT_EQ(why.nearest->misses[0].found, "true");
}

TEST(Explain, SaysThatThereIsNoPermit) {
  EXPECT_EQ(Explain("").summary, "denied: the policy has no permit()");
}

TEST(Explain, CutsLongValues) {
  const Explanation why =
      Explain("[type==\"a\", value==1] => permit();", {{"a", std::string(5000, 'x'), "x", false}});
  EXPECT_LT(why.nearest->misses[0].found.size(), 300U);
}

}  // namespace
}  // namespace assay::policy
