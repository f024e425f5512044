// Collateral from its publishers, and the rule by which it grows old.
//
// Staleness rule. Each answer carries its own end: a document's and a CRL's nextUpdate, a
// certificate's notAfter; the earliest counts. `now` is the time as of which evidence is judged.
//
//  1. What was checked less than `recheck` before now, and has not ended, is used without asking
//  the
//     host. Certificates do not change: for them it is `recheck_certificates`.
//  2. Otherwise the host is asked, with the ETag if it gave one. While it cannot be reached, or has
//     nothing newer, what is at hand is used until its end.
//  3. Past its end it is still handed over, with the reason why nothing newer could be had: the
//     scheme then refuses it by name. Nothing is accepted longer because a host is away, which is
//     how an attacker would hide a revocation.
//  4. An answer is refused, and displaces nothing, if it is not what was asked for, brings issuers
//     that end at no trusted root, or ends earlier than the one at hand (a replay).
//  5. A failure is remembered for `failure_memory`, and that piece not asked for meanwhile.
//
// Nothing here is trusted: signatures are for the schemes to verify.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "collateral/answer.h"
#include "collateral/host_pace.h"
#include "net/http_client.h"

namespace assay {

struct FetchOptions {
  std::chrono::seconds recheck{std::chrono::hours{24}};
  std::chrono::seconds recheck_certificates{std::chrono::days{30}};
  std::chrono::seconds failure_memory{60};
  int attempts = 4;
  std::chrono::milliseconds first_wait{500};  // doubled for each further attempt
  // A Retry-After beyond this ends the attempts: asking sooner would break it, waiting would block.
  std::chrono::milliseconds longest_wait{30000};
  HttpClientOptions http;
  std::function<void(std::chrono::milliseconds)> sleep;  // empty: the thread sleeps
  std::function<Time()> clock;                           // for the pace of requests; required
  // Told of each request before it is made, and of its end; may be empty.
  std::function<void(const std::string& line)> progress;
};

// One request with its retries. Safe for concurrent use.
class Fetcher {
 public:
  explicit Fetcher(FetchOptions options);

  struct Reply {
    bool not_modified = false;
    Answer answer;  // empty when not modified
  };
  // kMissing: the host says that there is no such thing (404). kIo: everything else.
  Result<Reply> Ask(const std::string& url, const std::string& etag, Time now);

  const FetchOptions& options() const { return options_; }
  HostPace::Counts counts() const { return pace_.counts(); }

 private:
  Result<HttpClientResponse> Once(const std::string& url, const HttpClient::Headers& headers);

  FetchOptions options_;
  HttpClient http_;
  HostPace pace_;
};

}  // namespace assay
