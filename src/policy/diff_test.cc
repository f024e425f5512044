#include "policy/diff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/testing.h"

namespace assay::policy {
namespace {

std::string Changes(std::string_view before, std::string_view after) {
  const Diff diff = Compare(Policy::Compile(before).value(), Policy::Compile(after).value());
  std::string out = diff.version.value_or("");
  for (const Change& one : diff.changes) {
    const char kMarks[] = {'+', '-', '~', '^'};
    out += fmt::format("{}{}{}{}", out.empty() ? "" : " ", kMarks[static_cast<int>(one.kind)],
                       one.before ? std::to_string(one.before->index) : "",
                       one.after ? "->" + std::to_string(one.after->index) : "");
  }
  return out;
}

TEST(Diff, IgnoresWhatMeansNothing) {
  EXPECT_EQ(Changes("version=1.0;authorizationrules{c:[type==\"a\",value==1]=>permit();};",
                    "version = 1.0; // as before\nauthorizationrules\n{\n x:[value = 1, type == "
                    "\"a\"] => permit();\n};\nissuancerules{};"),
            "");
}

TEST(Diff, NamesRulesAddedRemovedChangedAndMoved) {
  const std::string a = "[type==\"a\"] => issue(type=\"a\", value=1);";
  const std::string b = "[type==\"b\"] => issue(type=\"b\", value=1);";
  const std::string b2 = "[type==\"b\"] => issue(type=\"b\", value=2);";
  const std::string c = "[type==\"c\"] => issue(type=\"c\", value=1);";
  EXPECT_EQ(Changes(Rules("", a), Rules("", a + b)), "+->1");
  EXPECT_EQ(Changes(Rules("", a + b), Rules("", b)), "-0");
  EXPECT_EQ(Changes(Rules("", a + b), Rules("", a + b2)), "~1->1");
  EXPECT_EQ(Changes(Rules("", a + b + c), Rules("", c + a + b)), "^2->0");
  EXPECT_EQ(Changes(Rules("", a + a), Rules("", a)), "-1");
  EXPECT_EQ(Changes("version=1.0;", "version=1.2;"), "1.0 -> 1.2");
  EXPECT_EQ(Changes(Rules("[type==\"a\"] => permit();"), Rules("[type==\"b\"] => permit();")),
            "~0->0");
}

}  // namespace
}  // namespace assay::policy
