#include "collateral/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "base/json.h"
#include "collateral/recognise.h"

namespace assay {
namespace {

using std::chrono::milliseconds;

constexpr int kNotModified = 304;
constexpr int kTooManyRequests = 429;

Result<void> AddAnswer(const CachedAnswer& answer, Collateral& out, CrlDer* crl_der) {
  TRY_VOID(AddCollateral(answer.body, out, crl_der));
  if (answer.issuer_chain.empty()) return {};
  return AddCollateral(AsBytes(answer.issuer_chain), out, crl_der);
}

Result<Time> DocumentEnd(const JsonDocument& document) {
  const json::Value value = TRY(json::Parse(document.text));
  for (const char* key : {"tcbInfo", "enclaveIdentity"}) {
    if (const json::Value* body = value.Find(key)) {
      return ParseTime(TRY(body->String("nextUpdate", key)));
    }
  }
  return Fail(ErrorCode::kUnsupported, "the document states no nextUpdate");
}

// Also the proof that the answer is collateral at all, and not the page of a portal.
Result<Time> EndOf(const CachedAnswer& answer) {
  Collateral content;
  TRY_VOID(AddAnswer(answer, content, nullptr));
  Time end = Time::max();
  for (const auto& document : content.documents) end = std::min(end, TRY(DocumentEnd(*document)));
  for (const auto& crl : content.crls) end = std::min(end, crl->next_update());
  for (const auto& certificate : content.certificates) {
    end = std::min(end, certificate->not_after());
  }
  return end;
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

CachedAnswer FromResponse(HttpClientResponse&& response, Time now) {
  CachedAnswer answer;
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

Fetcher::Fetcher(FetchOptions options)
    : options_(std::move(options)), http_(options_.http), cache_(options_.cache_dir) {
  if (!options_.sleep) {
    options_.sleep = [](milliseconds wait) { std::this_thread::sleep_for(wait); };
  }
}

Result<void> Fetcher::Fetch(const IntelNeed& need, Time now, Collateral& out, CrlDer* crl_der) {
  for (const std::string& url : TRY(IntelUrls(options_, need))) {
    TRY_VOID(FetchUrl(url, now, out, crl_der));
  }
  return {};
}

Result<void> Fetcher::Fetch(const AmdNeed& need, Time now, Collateral& out, CrlDer* crl_der) {
  for (const std::string& url : TRY(AmdUrls(options_, need))) {
    TRY_VOID(FetchUrl(url, now, out, crl_der));
  }
  return {};
}

Result<void> Fetcher::FetchUrl(const std::string& url, Time now, Collateral& out, CrlDer* crl_der) {
  return AddAnswer(TRY(Get(url, now)), out, crl_der);
}

Fetcher::Answer Fetcher::Get(const std::string& url, Time now) {
  std::promise<Answer> promise;
  std::shared_future<Answer> theirs;
  {
    const std::lock_guard lock(mutex_);
    const auto flight = flights_.find(url);
    if (flight != flights_.end()) {
      theirs = flight->second;
    } else {
      flights_.emplace(url, promise.get_future().share());
    }
  }
  if (theirs.valid()) return theirs.get();

  Answer answer = Fail(ErrorCode::kInternal, "fetching failed");
  try {
    answer = Resolve(url, now);
  } catch (const std::exception& exception) {
    // Whoever waits for this flight must not wait for ever, and the URL must stay usable.
    answer = Fail(ErrorCode::kInternal, fmt::format("GET {}: {}", url, exception.what()));
  }
  promise.set_value(answer);
  const std::lock_guard lock(mutex_);
  flights_.erase(url);
  return answer;
}

Fetcher::Answer Fetcher::Resolve(const std::string& url, Time now) {
  auto cached = cache_.Load(url);
  Time end{};
  if (cached) {
    const auto known_end = EndOf(*cached);
    if (known_end) {
      end = *known_end;
    } else {
      cached.reset();
    }
  }
  const bool recent = cached && cached->checked <= now && now - cached->checked < options_.recheck;
  if (recent && now <= end) return *cached;

  auto response = Ask(url, cached ? cached->etag : std::string());
  Error why;
  if (response && response->status == kNotModified && cached) {
    cached->checked = now;
    // A cache that cannot be written costs time later, not the answer at hand.
    static_cast<void>(cache_.Store(url, *cached));
    why.message = fmt::format("GET {}: the host has nothing newer", url);
  } else if (response) {
    CachedAnswer fresh = FromResponse(std::move(*response), now);
    const auto fresh_end = EndOf(fresh);
    // An answer older than the one at hand is a replay: it must not displace it.
    if (fresh_end && (!cached || *fresh_end >= end)) {
      static_cast<void>(cache_.Store(url, fresh));
      cached = std::move(fresh);
      end = *fresh_end;
    }
    why = fresh_end ? Error{ErrorCode::kIo, fmt::format("GET {}: expired content", url), {}}
                    : fresh_end.error();
  } else {
    why = response.error();
  }
  if (cached && (now <= end || now - end <= options_.grace)) return *cached;
  if (!cached) return tl::unexpected(std::move(why));
  return Fail(ErrorCode::kMissing,
              fmt::format("{} (what is at hand ended at {})", why.message, FormatTime(end)),
              "let the host be reached, or give newer collateral");
}

Result<HttpClientResponse> Fetcher::Ask(const std::string& url, const std::string& etag) const {
  HttpClient::Headers headers;
  if (!etag.empty()) headers.emplace_back("If-None-Match", etag);
  milliseconds wait = options_.first_wait;
  Error last{ErrorCode::kInvalidArgument, "no attempt is allowed", {}};
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0) options_.sleep(wait);
    wait = std::min(options_.longest_wait, attempt > 0 ? wait * 2 : wait);
    auto response = http_.Get(url, headers);
    if (!response) {
      last = response.error();
      continue;
    }
    const int status = response->status;
    if (status == 200 || (status == kNotModified && !etag.empty())) return response;
    last = {status == 404 ? ErrorCode::kMissing : ErrorCode::kIo,
            fmt::format("GET {}: expected status 200, found {}", url, status),
            {}};
    if (!WorthRetrying(status)) break;
    if (const auto asked = RetryAfter(*response)) {
      if (*asked > options_.longest_wait) {
        last.message += fmt::format("; the host asks to wait {} s", asked->count() / 1000);
        break;
      }
      wait = std::max(wait, *asked);
    }
  }
  return tl::unexpected(std::move(last));
}

}  // namespace assay
