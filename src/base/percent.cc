#include "base/percent.h"

#include <algorithm>

#include "base/encoding.h"

namespace assay {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += '%';
      out += HexEncode(AsBytes(std::string_view(&c, 1)));
    }
  }
  return out;
}

Result<std::string> PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto byte = HexDecode(text.substr(at + 1, 2));
    if (!byte || byte->size() != 1) {
      return Fail(ErrorCode::kMalformed, "URL: expected two hexadecimal digits behind '%'");
    }
    out += AsText(*byte);
    at += 2;
  }
  return out;
}

Result<std::string> DecodeQueryValue(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return PercentDecode(spaced);
}

}  // namespace assay
