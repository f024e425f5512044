#include "policy/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::policy {
namespace {

// Policies are often one long line; of such a line the part around the place is shown.
constexpr std::size_t kShown = 100;

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// `at` moved back to the beginning of its code point.
std::size_t Align(std::string_view line, std::size_t at) {
  while (at > 0 && at < line.size() && Continues(line[at])) --at;
  return at;
}

}  // namespace

std::string Point(std::string_view text, const Place& place, std::string_view what) {
  const std::size_t at = std::min(place.offset, text.size());
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const std::size_t within = std::min(at - begin, line.size());
  const std::size_t first = within > kShown / 2 ? Align(line, within - kShown / 2) : 0;
  const std::size_t last = Align(line, std::min(line.size(), first + kShown));
  const std::string_view shown = line.substr(first, last - first);
  std::string caret;
  for (const char c : line.substr(first, within - first)) {
    if (c == '\t' || !Continues(c)) caret.push_back(c == '\t' ? '\t' : ' ');
  }
  return fmt::format("policy:{}:{}: {}\n  {}{}{}\n  {}{}^", place.line, place.column, what,
                     first > 0 ? "..." : "", shown, last < line.size() ? "..." : "",
                     first > 0 ? "   " : "", caret);
}

tl::unexpected<Error> PolicyError(std::string_view text, const Place& place, std::string_view what,
                                  std::string hint, ErrorCode code) {
  return Fail(code, Point(text, place, what), std::move(hint));
}

}  // namespace assay::policy
