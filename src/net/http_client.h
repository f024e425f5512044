// HTTP requests to other services. Every limit has a value: a host that trickles or floods costs a
// bounded time and a bounded memory.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds total_timeout{30000};
  std::size_t body_bytes = 4U << 20U;
  std::string ca_file;  // PEM; empty: the system's
  // Asked about once a second during a transfer, and more often when data arrives; true ends it.
  std::function<bool()> cancelled;
};

struct HttpClientResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of a name counts
  Bytes body;
};

class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpClient(HttpClientOptions options = {}) : options_(std::move(options)) {}

  // Any complete answer is a value, whatever its status; an Error (kIo) is none or a partial one.
  // Redirects are not followed: the sources asked never redirect, so one is a portal in between.
  // Safe to call from several threads.
  Result<HttpClientResponse> Get(const std::string& url, const Headers& headers = {}) const;
  Result<HttpClientResponse> Post(const std::string& url, const std::string& body,
                                  const Headers& headers = {}) const;

 private:
  // A GET where there is no body.
  Result<HttpClientResponse> Send(const std::string& url, const std::string* body,
                                  const Headers& headers) const;

  HttpClientOptions options_;
};

}  // namespace assay
