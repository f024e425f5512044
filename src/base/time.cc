#include "base/time.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace assay {
namespace {

std::optional<int> Digits(std::string_view text, std::size_t position, std::size_t count) {
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<Time> ParseCivil(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto y = Digits(text, 0, 4), mo = Digits(text, 5, 2), d = Digits(text, 8, 2);
  const auto h = Digits(text, 11, 2), mi = Digits(text, 14, 2), s = Digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  return Time{sys_days{date}} + hours{*h} + minutes{*mi} + seconds{*s};
}

}  // namespace

Result<Time> ParseTime(std::string_view text) {
  std::int64_t unix_s = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), unix_s);
  constexpr std::int64_t kYear9999 = 253402300799;
  if (status == std::errc{} && end == text.data() + text.size() && unix_s >= 0 &&
      unix_s <= kYear9999) {
    return FromUnixSeconds(unix_s);
  }
  const std::string_view civil = text.ends_with('Z') ? text.substr(0, text.size() - 1) : text;
  if (const auto time = ParseCivil(civil)) return *time;
  return Fail(ErrorCode::kMalformed, fmt::format("time: cannot read \"{}\"", text.substr(0, 40)),
              "write it as 2025-06-04T09:25:11Z or as seconds since 1970");
}

std::string FormatTime(Time time) {
  using namespace std::chrono;
  // RFC 3339 §1: years 0000 to 9999. Beyond them the calendar's arithmetic overflows, too.
  constexpr Time kFirst{sys_days{year{0} / January / 1}}, kEnd{sys_days{year{10000} / January / 1}};
  if (time < kFirst || time >= kEnd) {
    return fmt::format("{} seconds since 1970", time.time_since_epoch().count());
  }
  const auto day_start = floor<days>(time);
  const year_month_day date{day_start};
  const hh_mm_ss clock{time - day_start};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace assay
