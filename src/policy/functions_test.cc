// The functions, on claims as in claim-rule-functions.md.
#include <gtest/gtest.h>

#include "policy/testing.h"

namespace assay::policy {
namespace {

Claim Has(std::string type, json::Value value) {
  return {std::move(type), std::move(value), std::string(kAttestationService), false};
}

TEST(Functions, JmesPathGivesTheTextOfTheJsonFound) {
  EXPECT_EQ(
      Issued("=> issue(type=\"r\", value=JmesPath(\"{\\\"foo\\\": \\\"bar\\\"}\", \"foo\"));", {}),
      R"({"r":"\"bar\""})");
  const std::vector<Claim> claims = {Has("JsonData", "{\"values\": [0,1,2,3,4]}"),
                                     Has("Query", "values[2]")};
  EXPECT_EQ(Issued("d:[type==\"JsonData\"] && q:[type==\"Query\"] => issue(type=\"r\", "
                   "value=JmesPath(d.value, q.value));",
                   claims),
            R"({"r":"2"})");
  EXPECT_EQ(
      Issued("d:[type==\"JsonData\"] => issue(type=\"r\", value=JmesPath(d.value, \"none\"));",
             claims),
      R"({"r":"null"})");
}

TEST(Functions, JsonToClaimValueMakesTypedValues) {
  const auto value = [](const char* text) {
    return Issued("c:[type==\"j\"] => issue(type=\"r\", value=JsonToClaimValue(c.value));",
                  {Has("j", text)});
  };
  EXPECT_EQ(value("100"), R"({"r":100})");
  EXPECT_EQ(value("2.0"), R"({"r":2})");
  EXPECT_EQ(value("true"), R"({"r":true})");
  EXPECT_EQ(value("\"abc\""), R"({"r":"abc"})");
  EXPECT_EQ(value("[0, \"abc\", true, null, 0]"), R"({"r":[0,"abc",true,0]})");
  EXPECT_EQ(value("null"), "{}");
  EXPECT_EQ(value("[]"), "{}");
  EXPECT_NE(value("1.5").find("fraction"), std::string::npos);
  EXPECT_NE(value("{}").find("an object"), std::string::npos);
  EXPECT_NE(value("[[1]]").find("an array in an array"), std::string::npos);
  EXPECT_NE(value("abc").find("JSON"), std::string::npos);
}

TEST(Functions, ComparesSets) {
  const std::vector<Claim> claims = {
      Has("Subset", "abc"), Has("Subset", 100), Has("Superset", true), Has("Superset", "abc"),
      Has("Superset", 100), Has("Same", 100),   Has("Same", 100)};
  const auto call = [&](const char* conditions, const char* expression) {
    return Issued(std::string(conditions) + " => issue(type=\"r\", value=" + expression + ");",
                  claims);
  };
  EXPECT_EQ(call("a:[type==\"Subset\"] && b:[type==\"Superset\"]", "IsSubsetOf(a.value, b.value)"),
            R"({"r":true})");
  EXPECT_EQ(call("a:[type==\"Subset\"] && b:[type==\"Superset\"]", "IsSubsetOf(b.value, a.value)"),
            R"({"r":false})");
  EXPECT_EQ(call("a:[type==\"Same\"]", "ContainsOnlyValue(a.value, 100)"), R"({"r":true})");
  EXPECT_EQ(call("a:[type==\"Same\"]", "ContainsOnlyValue(a.value, \"100\")"), R"({"r":false})");
  EXPECT_EQ(call("a:[type==\"Superset\"]", "ContainsOnlyValue(a.value, 100)"), R"({"r":false})");
  EXPECT_EQ(call("", "ContainsOnlyValue(JsonToClaimValue(\"null\"), 100)"), R"({"r":false})");
  EXPECT_EQ(call("", "IsSubsetOf(JsonToClaimValue(\"null\"), 100)"), R"({"r":true})");
  EXPECT_NE(call("a:[type==\"Subset\"]", "ContainsOnlyValue(1, a.value)").find("one value"),
            std::string::npos);
}

TEST(Functions, AppendsAndNegates) {
  const std::vector<Claim> claims = {Has("s", "abc"), Has("n", 1), Has("b", true), Has("many", "x"),
                                     Has("many", "y")};
  EXPECT_EQ(Issued("c:[type==\"s\"] => issue(type=\"r\", value=AppendString(AppendString(\"<\", "
                   "c.value), \">\"));",
                   claims),
            R"({"r":"<abc>"})");
  EXPECT_EQ(Issued("c:[type==\"many\"] => issue(type=\"r\", value=AppendString(c.value, \"!\"));",
                   claims),
            R"({"r":["x!","y!"]})");
  EXPECT_EQ(Issued("c:[type==\"b\"] => issue(type=\"r\", value=NegateBool(c.value));", claims),
            R"({"r":false})");
  EXPECT_NE(
      Issued("c:[type==\"n\"] => issue(type=\"r\", value=AppendString(c.value, \"!\"));", claims)
          .find("needs a value of type String, not Integer"),
      std::string::npos);
  EXPECT_NE(Issued("c:[type==\"n\"] => issue(type=\"r\", value=NegateBool(c.value));", claims)
                .find("needs a value of type Boolean"),
            std::string::npos);
}

// The chain of policy-version-1-2.md: find events, make a set of flags, judge the set, fall back.
TEST(Functions, JudgeAMeasuredBootLog) {
  const char* events = R"({"Events":[
    {"EventSeq":4,"EventTypeString":"EV_EVENT_TAG","PcrIndex":12,"ProcessedData":{"EVENT_TRUSTBOUNDARY":{"EVENT_BOOTDEBUGGING":false}}},
    {"EventSeq":9,"EventTypeString":"EV_EVENT_TAG","PcrIndex":13,"ProcessedData":{"EVENT_TRUSTBOUNDARY":{"EVENT_BOOTDEBUGGING":false,
       "EVENT_LOADEDMODULE_AGGREGATION":[{"EVENT_IMAGEVALIDATED":true,"EVENT_FILEPATH":"\\Windows\\system32\\drivers\\WdBoot.sys"}]}}}]})";
  EXPECT_EQ(
      Issued("c:[type==\"events\", issuer==\"AttestationService\"] => add(type=\"flags\", "
             "value=JmesPath(c.value, "
             "\"Events[? EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex == "
             "`13`)].ProcessedData.EVENT_TRUSTBOUNDARY\"));"
             "c:[type==\"flags\"] => add(type=\"debugSet\", "
             "value=JsonToClaimValue(JmesPath(c.value, \"[*].EVENT_BOOTDEBUGGING\")));"
             "c:[type==\"debugSet\"] => issue(type=\"bootDebuggingDisabled\", "
             "value=ContainsOnlyValue(c.value, false));"
             "![type==\"bootDebuggingDisabled\"] => issue(type=\"bootDebuggingDisabled\", "
             "value=false);"
             "c:[type==\"flags\"] => issue(type=\"elam\", value=JsonToClaimValue(JmesPath(c.value, "
             "\"[*].EVENT_LOADEDMODULE_AGGREGATION[] | "
             "[? EVENT_IMAGEVALIDATED == `true` && equals_ignore_case(EVENT_FILEPATH, "
             "'\\\\windows\\\\system32\\\\drivers\\\\wdboot.sys')] | @ != `null`\")));"
             "c:[type==\"events\"] => add(type=\"seq\", value=JmesPath(c.value, \"Events[? "
             "PcrIndex == `13`] | @[0].EventSeq\"));"
             "c:[type==\"seq\", value != \"null\"] => add(type=\"query\", "
             "value=AppendString(AppendString(\"Events[? EventSeq < `\", c.value), \"`] | "
             "length(@)\"));"
             "q:[type==\"query\"] && e:[type==\"events\"] => issue(type=\"before\", "
             "value=JsonToClaimValue(JmesPath(e.value, q.value)));",
             {Has("events", events)}),
      R"({"bootDebuggingDisabled":true,"elam":true,"before":1})");
}

}  // namespace
}  // namespace assay::policy
