// What is well-formed and still no policy.
#include <gtest/gtest.h>

#include "policy/testing.h"

namespace assay::policy {
namespace {

// The first line of the error, without the place.
std::string Authorization(std::string_view rule) {
  const std::string error = CompileError(Rules(rule));
  return error.substr(0, error.find('\n'));
}

std::string IssuanceError(std::string_view rule) {
  const std::string error = CompileError(Rules("", rule));
  return error.substr(0, error.find('\n'));
}

TEST(Check, KeepsActionsInTheirSections) {
  EXPECT_EQ(IssuanceError("=> permit();"), "policy:6:4: permit cannot stand in issuancerules");
  EXPECT_EQ(Authorization("=> issueproperty(type=\"a\", value=1);"),
            "policy:3:4: issueproperty cannot stand in authorizationrules");
  EXPECT_NE(CompileError("version=1.1;configurationrules{=> add(type=\"a\", value=1);};"), "");
  EXPECT_EQ(Authorization("=> permit(type=\"a\");"), "policy:3:11: permit takes no claim");
}

TEST(Check, WantsIdentifiersDefinedBefore) {
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=c.value);"),
            "policy:6:26: no condition before this place is named \"c\"");
  EXPECT_EQ(Authorization("[value==c.value] && c:[type==\"a\"] => permit();"),
            "policy:3:9: no condition before this place is named \"c\"");
  EXPECT_EQ(Authorization("c:[type==\"a\"] && c:[type==\"b\"] => permit();"),
            "policy:3:18: \"c\" already names a condition of this rule");
  EXPECT_EQ(Authorization("!c:[type==\"a\"] => permit();"),
            "policy:3:1: a condition with \"!\" cannot have an identifier");
  EXPECT_EQ(IssuanceError("c:[type==\"a\"] => issue(claim=d);"),
            "policy:6:30: no condition of this rule is named \"d\"");
}

TEST(Check, WantsOperatorsThatTheTypeHas) {
  EXPECT_EQ(Authorization("[type==\"a\", value >= \"1\"] => permit();"),
            "policy:3:22: >= orders integers only, not a string");
  EXPECT_EQ(Authorization("[type==\"a\", value < true] => permit();"),
            "policy:3:21: < orders integers only, not a boolean");
  EXPECT_EQ(Authorization("[type > \"a\"] => permit();"),
            "policy:3:2: type can be compared by == and != only");
  EXPECT_EQ(Authorization("[issuer == 1] => permit();"),
            "policy:3:12: issuer is a string, not an integer");
  EXPECT_EQ(Authorization("[valueType == \"Int\"] => permit();"),
            "policy:3:15: valueType is \"String\", \"Integer\" or \"Boolean\"");
  EXPECT_EQ(Authorization("c:[type==\"a\"] && [value == c] => permit();"),
            "policy:3:28: \"c\" is a claim, not a value");
}

TEST(Check, WantsFunctionsThatExistAndFit) {
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=NegateBol(true));"),
            "policy:6:26: there is no function NegateBol");
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=ContainsOnlyValue(100));"),
            "policy:6:26: ContainsOnlyValue takes 2 argument(s), not 1");
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=NegateBool(AppendString(\"a\", \"b\")));"),
            "policy:6:37: argument 1 of NegateBool must be a boolean, not a string");
  EXPECT_NE(IssuanceError("c:[type==\"a\"] => issue(type=\"a\", value=JmesPath(c.value, \"a[\"));")
                .find("JMESPath: syntax"),
            std::string::npos);
}

TEST(Check, WantsWholeClaims) {
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\");"),
            "policy:6:4: issue needs a type and a value, or a claim");
  EXPECT_EQ(IssuanceError("=> issue(type=\"\", value=1);"), "policy:6:15: the type is empty");
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=1, value=2);"),
            "policy:6:29: a second value");
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=1, issuer=\"b\");"),
            "policy:6:29: an action cannot set the issuer");
  EXPECT_EQ(IssuanceError("=> issue(type=\"a\", value=1, valueType=\"String\");"),
            "policy:6:39: the value is an integer");
  EXPECT_EQ(IssuanceError("c:[type==\"a\"] => issue(claim=c, value=1);"),
            "policy:6:24: claim= stands alone");
  EXPECT_EQ(IssuanceError("c:[type==\"a\"] => issue(claim=c.value);"),
            "policy:6:30: expected the identifier of a condition after claim=");
}

TEST(Check, HoldsKnownPropertiesToTheirTypeAndRange) {
  EXPECT_EQ(IssuanceError("=> issueproperty(type=\"report_validity_in_minutes\", value=525601);"),
            "policy:6:59: report_validity_in_minutes must be from 1 to 525600, not 525601");
  EXPECT_EQ(IssuanceError("=> issueproperty(type=\"omit_x5c\", value=1);"),
            "policy:6:41: omit_x5c takes a value of type Boolean, not Integer");
}

}  // namespace
}  // namespace assay::policy
