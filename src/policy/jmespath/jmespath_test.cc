#include "policy/jmespath/jmespath.h"

#include <gtest/gtest.h>

#include <chrono>

namespace assay::jmespath {
namespace {

std::string Search(std::string_view query, std::string_view document) {
  const auto compiled = Query::Compile(query);
  if (!compiled) return compiled.error().message;
  const auto found = compiled->Search(json::Parse(document).value());
  return found ? json::Write(*found) : found.error().message;
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(JmesPath, FindsTheSecureBootVariable) {
  constexpr std::string_view kEvents =
      R"({"Events":[{"EventTypeString":"A","PcrIndex":0},
          {"EventTypeString":"B","PcrIndex":7,"ProcessedData":{"UnicodeName":"SecureBoot"}}]})";
  EXPECT_EQ(Search("Events[?PcrIndex == `7`].ProcessedData.UnicodeName | [0]", kEvents),
            R"("SecureBoot")");
}

TEST(JmesPath, SaysWhichArgumentIsWrongAndWhere) {
  EXPECT_EQ(
      Search("  length(a)", "{}"),
      "JMESPath: invalid-type: argument 1 of length() must be a string or an array or an object, "
      "not null (column 3)");
  EXPECT_EQ(Search("lengthy(a)", "{}"),
            "JMESPath: unknown-function: there is no function lengthy() (column 1)");
}

TEST(JmesPath, ComparesWithoutCaseOnlyForAsciiAndOnlyStrings) {
  EXPECT_EQ(Search("equals_ignore_case(a, 'C:\\WINDOWS')", R"({"a":"c:\\windows"})"), "true");
  EXPECT_EQ(Search("equals_ignore_case(a, 'x')", "{}"), "false");
  EXPECT_EQ(Search("equals_ignore_case('Ä', 'ä')", "{}"), "false");
}

TEST(JmesPath, KeepsLargeIntegersExact) {
  EXPECT_EQ(Search("a == `9007199254740993`", R"({"a":9007199254740992})"), "false");
  EXPECT_EQ(Search("sum(a)", R"({"a":[9223372036854775806,1]})"), "9223372036854775807");
  EXPECT_EQ(Search("abs(a)", R"({"a":-9223372036854775808})").substr(0, 7), "9.22337");
}

TEST(JmesPath, SlicesWithoutOverflow) {
  EXPECT_EQ(Search("[::9223372036854775807]", "[1,2,3]"), "[1]");
  EXPECT_EQ(Search("[::-9223372036854775808]", "[1,2,3]"), "[3]");
  EXPECT_EQ(Search("[-9223372036854775808:9223372036854775807]", "[1]"), "[1]");
}

TEST(JmesPath, RefusesAnExpressionAsAResult) {
  EXPECT_EQ(Search("&a", "{}"), "JMESPath: invalid-type: an &expression is no result (column 1)");
}

// Each of these would take time or memory without end; they must end in a clear error at once.
TEST(JmesPath, BoundsWhatAQueryCosts) {
  const auto start = std::chrono::steady_clock::now();
  const std::string doubled = "[@,@]" + Repeat(" | [@,@]", 60);
  EXPECT_NE(Search(doubled, "1").find("limit"), std::string::npos);
  EXPECT_NE(Search("[@,@][]" + Repeat(" | [@,@][]", 60), "1").find("limit"), std::string::npos);
  EXPECT_NE(Search(doubled + " | @ == @", "1").find("limit"), std::string::npos);
  EXPECT_NE(Search(doubled + " | to_string(@)", "1").find("limit"), std::string::npos);
  EXPECT_NE(Search("'x'" + Repeat(" | join(@, ['', '', ''])", 60), "1").find("limit"),
            std::string::npos);
  const std::string row = "[" + Repeat("1,", 2000) + "1]";
  EXPECT_NE(Search("map(&map(&@, `" + row + "`), @)", row).find("limit"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(JmesPath, BoundsHowDeepAResultNests) {
  EXPECT_EQ(Search("[@]" + Repeat(" | [@]", 20), "1").find("limit"), std::string::npos);
  EXPECT_NE(Search("[@]" + Repeat(" | [@]", 40), "1").find("nests deeper"), std::string::npos);
}

TEST(JmesPath, BoundsHowDeepAQueryNests) {
  EXPECT_NE(Search(Repeat("(", 10000), "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search(Repeat("[", 10000), "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search(Repeat("!", 10000) + "a", "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search("a" + Repeat(".a", 10000), "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search("a" + Repeat("[0]", 10000), "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search(Repeat("abs(", 10000), "1").find("nests deeper"), std::string::npos);
  EXPECT_NE(Search(Repeat("a", 100000), "1").find("at most"), std::string::npos);
}

}  // namespace
}  // namespace assay::jmespath
