// Durations of ISO 8601 as rotation policies have them: "P90D", "P1Y6M", "PT48H".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace assay::keys {

struct Duration {
  std::string text;  // as it was given
  std::int64_t months = 0;
  std::int64_t seconds = 0;  // days have 86,400: there is no daylight saving in UTC
};

// Not negative, whole numbers, each part at most 9999; weeks stand alone.
Result<Duration> ParseDuration(std::string_view text);

// Months by the calendar: a month after 31 January is the last of February.
Time operator+(Time time, const Duration& duration);
Time operator-(Time time, const Duration& duration);

// Of months of 30 days, to compare with bounds that are given in days.
std::int64_t RoughDays(const Duration& duration);

}  // namespace assay::keys
