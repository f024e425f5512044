#include "keys/rotation_policy.h"

#include <gtest/gtest.h>

namespace assay::keys {
namespace {

Time At(std::string_view text) { return ParseTime(text).value(); }

std::string Added(std::string_view from, std::string_view duration) {
  return FormatTime(At(from) + ParseDuration(duration).value());
}

TEST(Duration, AddsDaysAndTimes) {
  EXPECT_EQ(Added("2026-01-01T00:00:00Z", "P90D"), "2026-04-01T00:00:00Z");
  EXPECT_EQ(Added("2026-01-01T00:00:00Z", "P2W"), "2026-01-15T00:00:00Z");
  EXPECT_EQ(Added("2026-01-01T00:00:00Z", "PT48H"), "2026-01-03T00:00:00Z");
  EXPECT_EQ(Added("2026-01-01T00:00:00Z", "P1DT1H1M1S"), "2026-01-02T01:01:01Z");
}

TEST(Duration, AddsMonthsByTheCalendar) {
  EXPECT_EQ(Added("2026-01-31T10:00:00Z", "P1M"), "2026-02-28T10:00:00Z");
  EXPECT_EQ(Added("2024-02-29T00:00:00Z", "P1Y"), "2025-02-28T00:00:00Z");
  EXPECT_EQ(Added("2026-11-30T00:00:00Z", "P1Y3M"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(FormatTime(At("2026-03-31T00:00:00Z") - ParseDuration("P1M").value()),
            "2026-02-28T00:00:00Z");
}

TEST(Duration, RefusesWhatIsNoDuration) {
  for (const std::string_view text :
       {"", "P", "PT", "90D", "P90", "PD", "P-1D", "P1.5D", "P1D1Y", "P1H", "PT1D", "P1DT", "P1W1D",
        "P10000D", "P1D ", "p1d", "P1Y1Y", "P99999999999999999999D", "PTT1H"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

Outcome<RotationPolicy> Parse(std::string_view text) {
  return ParseRotationPolicy(json::Parse(text).value());
}

TEST(RotationPolicy, ReadsWhatItWrites) {
  const std::string text =
      R"({"lifetimeActions":[{"trigger":{"timeAfterCreate":"P18M"},"action":{"type":"Rotate"}},)"
      R"({"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Notify"}}],)"
      R"("attributes":{"expiryTime":"P48M"}})";
  const auto policy = Parse(text);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(json::Write(RotationPolicyJson(*policy)), text);
}

TEST(RotationPolicy, RefusesWhatAzureDoesNotHave) {
  const auto with = [](std::string_view trigger, std::string_view type,
                       std::string_view attributes) {
    return Parse(std::string(R"({"lifetimeActions":[{"trigger":{)") + std::string(trigger) +
                 R"(},"action":{"type":")" + std::string(type) + R"("}}],"attributes":{)" +
                 std::string(attributes) + "}}");
  };
  EXPECT_TRUE(with(R"("timeAfterCreate":"P7D")", "rotate", ""));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P6D")", "Rotate", ""));
  EXPECT_FALSE(with("", "Rotate", ""));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P30D","timeBeforeExpiry":"P7D")", "Rotate",
                    R"("expiryTime":"P90D")"));
  EXPECT_FALSE(with(R"("timeBeforeExpiry":"P7D")", "Rotate", ""));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P30D")", "Notify", ""));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P30D")", "Delete", ""));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P30D")", "Rotate", R"("expiryTime":"P27D")"));
  EXPECT_FALSE(with(R"("timeAfterCreate":"P30D")", "Rotate", R"("expiryTime":"P30D")"));
  EXPECT_FALSE(with(R"("timeAfterCreate":7)", "Rotate", ""));
  EXPECT_FALSE(Parse("[]"));
  const std::string rotate = R"({"trigger":{"timeAfterCreate":"P30D"},"action":{"type":"Rotate"}})";
  EXPECT_FALSE(Parse(R"({"lifetimeActions":[)" + rotate + "," + rotate + "]}"));
}

TEST(RotationPolicy, WithoutRotateNothingIsDue) {
  EXPECT_EQ(RotationDue(DefaultRotationPolicy(), {}), std::nullopt);
}

}  // namespace
}  // namespace assay::keys
