#include "keys/duration.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/limits.h"

namespace assay::keys {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 3600;

struct Unit {
  char letter;
  bool of_time;  // behind the 'T'
  std::int64_t months, seconds;
};

// In the order in which they must stand.
constexpr std::array kUnits = std::to_array<Unit>({{'Y', false, 12, 0},
                                                   {'M', false, 1, 0},
                                                   {'W', false, 0, 7 * kDaySeconds},
                                                   {'D', false, 0, kDaySeconds},
                                                   {'H', true, 0, 3600},
                                                   {'M', true, 0, 60},
                                                   {'S', true, 0, 1}});

tl::unexpected<Error> BadDuration(std::string_view text) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("duration: expected ISO 8601 like P90D or P1Y6M, found \"{}\"",
                          text.substr(0, limits::kKeyDurationBytes)));
}

// One to four digits.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t out = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    out = out * 10 + (text[digits] - '0');
    if (++digits > 4) return std::nullopt;
  }
  text.remove_prefix(digits);
  return digits > 0 ? std::optional(out) : std::nullopt;
}

Time AddMonths(Time time, std::int64_t months) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto month = std::chrono::year_month{date.year(), date.month()} +
                     std::chrono::months{static_cast<int>(months)};
  const std::chrono::year_month_day_last last{month.year(),
                                              std::chrono::month_day_last{month.month()}};
  const std::chrono::day wanted = std::min(date.day(), last.day());
  return std::chrono::sys_days{month / wanted} + (time - day);
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  Duration out;
  out.text = text;
  std::string_view rest = text;
  if (rest.size() > limits::kKeyDurationBytes || !rest.starts_with('P')) return BadDuration(text);
  rest.remove_prefix(1);
  bool of_time = false;
  std::size_t next = 0;  // the first unit that may still come
  do {
    if (!of_time && rest.starts_with('T')) {
      of_time = true;
      rest.remove_prefix(1);
    }
    const std::optional<std::int64_t> number = TakeNumber(rest);
    if (!number || rest.empty()) return BadDuration(text);
    while (next < kUnits.size() &&
           (kUnits[next].letter != rest.front() || kUnits[next].of_time != of_time)) {
      ++next;
    }
    if (next == kUnits.size()) return BadDuration(text);
    out.months += *number * kUnits[next].months;
    out.seconds += *number * kUnits[next].seconds;
    ++next;
    rest.remove_prefix(1);
  } while (!rest.empty());
  if (text.find('W') != std::string_view::npos && text.find_first_of("YMDTHS") != text.npos) {
    return BadDuration(text);
  }
  return out;
}

Time operator+(Time time, const Duration& duration) {
  return AddMonths(time, duration.months) + std::chrono::seconds{duration.seconds};
}

Time operator-(Time time, const Duration& duration) {
  return AddMonths(time, -duration.months) - std::chrono::seconds{duration.seconds};
}

std::int64_t RoughDays(const Duration& duration) {
  return duration.months * 30 + duration.seconds / kDaySeconds;
}

}  // namespace assay::keys
