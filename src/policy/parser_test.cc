// Syntax, and errors that show the place.
#include "policy/parser.h"

#include <gtest/gtest.h>

#include <chrono>

#include "policy/testing.h"

namespace assay::policy {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string Error(std::string_view text) {
  const auto policy = ParsePolicy(text);
  return policy ? "" : policy.error().message;
}

TEST(Parser, PointsBehindTheActionThatLacksItsSemicolon) {
  EXPECT_EQ(Error("version=1.0;\nauthorizationrules {\n  => permit()\n};"),
            "policy:3:14: expected \";\" after the action\n"
            "    => permit()\n"
            "               ^");
}

TEST(Parser, PointsAtTheTokenItDidNotExpect) {
  EXPECT_EQ(Error("version=1.0\nauthorizationrules{};"),
            "policy:1:12: expected \";\" after the version\n  version=1.0\n             ^");
  EXPECT_EQ(Error("version=1.0;\nauthorizationrules{ [kind==\"a\"] => permit(); };"),
            "policy:2:22: expected type, value, valueType or issuer, found \"kind\"\n"
            "  authorizationrules{ [kind==\"a\"] => permit(); };\n"
            "                       ^");
}

TEST(Parser, CountsColumnsInCharactersAndKeepsTabs) {
  EXPECT_EQ(Error("version=1.0;\n\tauthorizationrules{ [type==\"\xC3\xA4\xC3\xB6\" x"),
            "policy:2:34: expected \",\" or \"]\", found \"x\"\n"
            "  \tauthorizationrules{ [type==\"\xC3\xA4\xC3\xB6\" x\n"
            "  \t                                ^");
}

TEST(Parser, ShowsOnlyTheSurroundingsInALongLine) {
  const std::string error =
      Error("version=1.0;authorizationrules{" + Repeat("[type==\"a\"] => permit();", 400) + "?" +
            Repeat(" => permit();", 400));
  EXPECT_LT(error.size(), 400U);
  EXPECT_NE(error.find("..."), std::string::npos);
}

TEST(Parser, NamesWhatPeopleGetWrong) {
  EXPECT_NE(Error("version=1.0;authorizationrules{[type==\xE2\x80\x9C"
                  "a")
                .find("typographic"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0; /* x */").find("begins with //"), std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{[type==\"a\\n\"").find("unknown escape"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{[type==\"a\n\"").find("not closed on its line"),
            std::string::npos);
  EXPECT_NE(
      Error("version=1.1;configurationrules{=>issueproperty(type=\"a\",value=0x0F").find("decimal"),
      std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{};authorizationrules{};").find("a second"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules={").find("expected \"{\""), std::string::npos);
  EXPECT_NE(Error("version=1.2;issuancerules{=> issue(\"a\", value=true);};").find("claim, type"),
            std::string::npos);
}

TEST(Parser, RefusesWhatIsNoUtf8) {
  for (const char* bytes : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(Error(std::string("version=1.0; // ") + bytes), "policy: no UTF-8 at byte 16");
  }
  EXPECT_EQ(Error("version=1.0; // \xF0\x9F\x94\x91"), "");
}

TEST(Parser, KnowsThreeVersions) {
  for (const char* version : {"1.0", "1.1", "1.2"}) {
    EXPECT_EQ(Error(std::string("version=") + version + ";"), "") << version;
  }
  for (const char* version : {"1.3", "2.0", "1.02", "0.9", "1.-1"}) {
    const auto policy = ParsePolicy(std::string("version=") + version + ";");
    ASSERT_FALSE(policy) << version;
    EXPECT_EQ(policy.error().code, ErrorCode::kUnsupported) << version;
  }
}

// custom-tcb-baseline-enforcement.md writes "Issuancerules", older pages "Version";
// author-sign-policy.md writes "=" in a condition; policy-version-1-2.md puts a space between
// identifier and colon.
TEST(Parser, TakesTheSpellingsOfTheDocuments) {
  EXPECT_EQ(
      Error(
          "Version= 1.0;\nAuthorizationRules\n{\n c :[type=\"a\" , issuer == \"b\"]=>permit();\n};"
          "\nIssuancerules {// nothing\n};"),
      "");
}

TEST(Parser, WritesRulesInOneForm) {
  const auto policy = ParsePolicy(
      "version=1.2;issuancerules{c:[type=\"a\\\\\",value>=-1]&&![issuer!=\"x\"]=>"
      "issue(type=AppendString(\"p\",c.type),value=c.value);};");
  ASSERT_TRUE(policy);
  EXPECT_EQ(Write(policy->rules(ast::Section::kIssuance)[0]),
            "c:[type == \"a\\\\\", value >= -1] && ![issuer != \"x\"] => "
            "issue(type = AppendString(\"p\", c.type), value = c.value);");
}

TEST(Parser, EndsQuicklyWhateverItReads) {
  const auto start = std::chrono::steady_clock::now();
  const std::string long_policy =
      "version=1.0;authorizationrules{" + Repeat("[type==\"a\"] => permit();", 4500) + "};";
  EXPECT_GT(long_policy.size(), 100000U);
  EXPECT_EQ(Error(long_policy), "");
  EXPECT_NE(Error("version=1.0;authorizationrules{" + Repeat("[", 10000)), "");
  EXPECT_NE(Error("version=1.2;issuancerules{=> issue(type=\"a\", value=" + Repeat("F(", 10000))
                .find("nest deeper than 32"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{" + Repeat("[type==\"a\"]&&", 10000))
                .find("more than 256 conditions"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{[" + Repeat("value==1,", 10000))
                .find("more than 64 items"),
            std::string::npos);
  EXPECT_NE(Error("version=1.0;authorizationrules{" + Repeat("=>permit();", 20000))
                .find("more than 10000 rules"),
            std::string::npos);
  EXPECT_NE(Error(Repeat(" ", 2 << 20)).find("at most"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
}

}  // namespace
}  // namespace assay::policy
