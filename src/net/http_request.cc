#include <algorithm>

#include "net/http_server.h"

namespace assay {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = Lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Whether `encoded`, percent-encoded (RFC 3986 §2.1), is `name`: clients write "api%2Dversion".
bool IsEncoded(std::string_view encoded, std::string_view name) {
  std::size_t at = 0;
  for (const char c : name) {
    if (at == encoded.size()) return false;
    if (encoded[at] != '%') {
      if (encoded[at++] != c) return false;
      continue;
    }
    if (encoded.size() - at < 3) return false;
    const int high = HexDigit(encoded[at + 1]);
    const int low = HexDigit(encoded[at + 2]);
    if (high < 0 || low < 0 || static_cast<char>(high * 16 + low) != c) return false;
    at += 3;
  }
  return at == encoded.size();
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (SameName(key, name)) return value;
  }
  return {};
}

std::string_view HttpRequest::Parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (IsEncoded(pair.substr(0, equals), name))
      return pair.substr(std::min(equals + 1, pair.size()));
  }
  return {};
}

}  // namespace assay
