#include "collateral/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

namespace assay {
namespace {

using std::chrono::milliseconds;

constexpr int kOk = 200;
constexpr int kNotModified = 304;
constexpr int kNotFound = 404;
constexpr int kTooManyRequests = 429;

FetchOutcome OutcomeOf(const Result<HttpClientResponse>& response) {
  if (!response) return FetchOutcome::kUnreachable;
  switch (response->status) {
    case kOk: return FetchOutcome::kNew;
    case kNotModified: return FetchOutcome::kNotModified;
    case kNotFound: return FetchOutcome::kNotFound;
    case kTooManyRequests: return FetchOutcome::kThrottled;
    default: return FetchOutcome::kRefused;
  }
}

bool WorthRetrying(int status) { return status == kTooManyRequests || status >= 500; }

// The delta form only (RFC 9110 §10.2.3); for the date form the own back-off serves.
std::optional<milliseconds> RetryAfter(const HttpClientResponse& response) {
  const auto header = response.headers.find("retry-after");
  if (header == response.headers.end()) return std::nullopt;
  const std::string& text = header->second;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

Error StatusError(const std::string& url, int status) {
  std::string_view remark;
  if (status >= 300 && status < 400) remark = " (redirects are not followed)";
  return {status == kNotFound ? ErrorCode::kMissing : ErrorCode::kIo,
          fmt::format("GET {}: expected status 200, found {}{}", url, status, remark),
          {}};
}

Answer FromResponse(const std::string& url, HttpClientResponse&& response, Time now) {
  Answer answer;
  answer.url = url;
  answer.body = std::move(response.body);
  answer.etag = response.headers["etag"];
  answer.checked = now;
  // TCB-Info-, SGX-Enclave-Identity- or SGX-PCK-CRL-Issuer-Chain, by endpoint and API version.
  for (const auto& [name, value] : response.headers) {
    if (name.ends_with("-issuer-chain")) answer.issuer_chain = value;
  }
  return answer;
}

}  // namespace

Fetcher::Fetcher(FetchOptions options) : options_(std::move(options)), http_(options_.http) {
  if (!options_.sleep) {
    options_.sleep = [](milliseconds wait) { std::this_thread::sleep_for(wait); };
  }
  if (!options_.progress) options_.progress = [](const std::string&) {};
}

Result<HttpClientResponse> Fetcher::Once(const std::string& url,
                                         const HttpClient::Headers& headers) {
  options_.progress("GET " + url);
  auto response = http_.Get(url, headers);
  pace_.Record(HostAndPort(url), OutcomeOf(response), options_.clock());
  options_.progress(response
                        ? fmt::format("  {}, {} bytes", response->status, response->body.size())
                        : "  " + response.error().message);
  return response;
}

Result<Fetcher::Reply> Fetcher::Ask(const std::string& url, const std::string& etag, Time now) {
  HttpClient::Headers headers;
  if (!etag.empty()) headers.emplace_back("If-None-Match", etag);
  const auto cancelled = [&] { return options_.http.cancelled && options_.http.cancelled(); };
  milliseconds wait = options_.first_wait;
  Error last{ErrorCode::kInvalidArgument, "no attempt is allowed", {}};
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0) options_.sleep(wait);
    wait = std::min(options_.longest_wait, attempt > 0 ? wait * 2 : wait);
    if (const auto why = pace_.HoldBack(HostAndPort(url), options_.clock())) {
      if (attempt == 0)
        last = {ErrorCode::kIo, fmt::format("GET {}: not asked: {}", url, *why), {}};
      break;
    }
    auto response = Once(url, headers);
    if (cancelled()) return Fail(ErrorCode::kIo, fmt::format("GET {}: cancelled", url));
    if (!response) {
      last = response.error();
      continue;
    }
    const int status = response->status;
    if (status == kOk) return Reply{false, FromResponse(url, std::move(*response), now)};
    if (status == kNotModified && !etag.empty()) return Reply{true, {}};
    last = StatusError(url, status);
    if (!WorthRetrying(status)) break;
    if (const auto asked = RetryAfter(*response)) {
      if (*asked > options_.longest_wait) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*asked);
        pace_.WaitUntil(HostAndPort(url), options_.clock() + seconds);
        last.message += fmt::format("; the host asks to wait {} s", seconds.count());
        break;
      }
      wait = std::max(wait, *asked);
    }
  }
  return tl::unexpected(std::move(last));
}

}  // namespace assay
