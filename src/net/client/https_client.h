// HTTPS for a program that must stay small: one request on one connection, within one time.
//
// Not libcurl (net/http_client.h): that brings some 20 shared libraries, which an initramfs would
// have to hold. TLS 1.2 or later; the certificate is always verified, and so is the host's name or
// address in it. There is no switch to turn that off. No proxies, no redirects, no cookies.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace assay {

// "https://host[:port][/prefix]"; an IPv6 address stands in brackets.
struct HttpsUrl {
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string prefix;  // of every path; without a slash at its end

  std::string Authority() const;  // as the Host header has it
};
Result<HttpsUrl> ParseHttpsUrl(std::string_view text);

struct HttpsClientOptions {
  std::string ca_file;  // PEM; empty: the system's
  std::chrono::milliseconds connect_timeout = limits::kAgentConnectTimeout;
  std::chrono::milliseconds total_timeout = limits::kAgentTimeout;
  std::size_t body_bytes = limits::kAgentAnswerBytes;
};

struct HttpsRequest {
  std::string method = "POST";
  std::string target;  // path and query, behind the URL's prefix
  std::string body;    // JSON, if there is one
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpsResponse {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of a name counts
  std::string body;
};

// Any complete answer is a value, whatever its status; an Error (kIo) is none or a partial one.
// Looking up a host's name may take longer than the options say: the resolver has its own times.
Result<HttpsResponse> SendHttps(const HttpsUrl& url, const HttpsRequest& request,
                                const HttpsClientOptions& options);

// Plain HTTP, for the metadata service that clouds offer at a link-local address, which speaks
// nothing else: any address but 169.254.0.0/16 (RFC 3927) and loopback is refused.
Result<HttpsResponse> SendToMetadataService(std::string_view address, std::uint16_t port,
                                            const HttpsRequest& request,
                                            const HttpsClientOptions& options);

}  // namespace assay
