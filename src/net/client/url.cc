#include <charconv>

#include "net/client/https_client.h"

namespace assay {
namespace {

// RFC 3986 §3.1 and §3.2, as far as a service's address needs it.
constexpr std::string_view kScheme = "https://";

tl::unexpected<Error> Wrong(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument,
              "server URL \"" + std::string(text.substr(0, 200)) + "\": " + std::string(why),
              "expected https://HOST[:PORT][/PATH]");
}

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7F) return false;
  }
  return true;
}

// Splits "host", "host:port", "[address]", "[address]:port"; what is behind the host stays.
std::string_view TakeHost(std::string_view authority, std::string_view& rest) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    rest = authority.substr(end + 1);
    return authority.substr(1, end - 1);
  }
  const std::size_t end = std::min(authority.find(':'), authority.size());
  rest = authority.substr(end);
  return authority.substr(0, end);
}

}  // namespace

std::string HttpsUrl::Authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == 443 ? name : name + ":" + std::to_string(port);
}

Result<HttpsUrl> ParseHttpsUrl(std::string_view text) {
  if (!text.starts_with(kScheme)) return Wrong(text, "it is not https");
  if (!IsPrintable(text)) return Wrong(text, "it has a character that no URL has");
  const std::string_view behind = text.substr(kScheme.size());
  const std::size_t slash = std::min(behind.find('/'), behind.size());
  const std::string_view authority = behind.substr(0, slash);
  std::string_view path = behind.substr(slash);
  if (path.find_first_of("?#") != std::string_view::npos ||
      authority.find_first_of("@?#") != std::string_view::npos) {
    return Wrong(text, "it has a user, a query or a fragment");
  }
  std::string_view rest;
  HttpsUrl out;
  out.host = TakeHost(authority, rest);
  if (out.host.empty()) return Wrong(text, "it names no host");
  if (!rest.empty()) {
    const std::string_view digits = rest.substr(1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (rest.front() != ':' || digits.empty() || error != std::errc() ||
        end != digits.data() + digits.size() || out.port == 0) {
      return Wrong(text, "its port is no number from 1 to 65535");
    }
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  out.prefix = path;
  return out;
}

}  // namespace assay
