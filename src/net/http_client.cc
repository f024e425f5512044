#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

#include "base/work_pool.h"

namespace assay {
namespace {

// Intel's issuer chains take 4 KiB; curl itself bounds one line at 100 KiB.
constexpr std::size_t kHeaderBytes = 256U << 10U;

struct EasyDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyPtr = std::unique_ptr<CURL, EasyDeleter>;
using ListPtr = std::unique_ptr<curl_slist, ListDeleter>;

struct Transfer {
  HttpClientResponse response;
  std::size_t body_limit = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

// Returning fewer bytes than were given makes curl abort the transfer.
std::size_t OnBody(char* data, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (count > transfer.body_limit - transfer.response.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  Append(transfer.response.body, AsBytes({data, count}));
  return count;
}

std::size_t OnHeader(char* data, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.header_bytes += count;
  if (transfer.header_bytes > kHeaderBytes) {
    transfer.too_large = true;
    return 0;
  }
  const std::string_view line(data, count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  const std::size_t first = value.find_first_not_of(" \t");
  value = first == std::string_view::npos ? std::string_view() : value.substr(first);
  value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
  transfer.response.headers[std::move(name)] = std::string(value);
  return count;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& options = *static_cast<const HttpClientOptions*>(user);
  return options.cancelled() ? 1 : 0;
}

std::string WhyFailed(CURLcode code, const HttpClientOptions& options) {
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return fmt::format("timed out after {} s",
                       static_cast<double>(options.total_timeout.count()) / 1000);
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return "cancelled";
  return curl_easy_strerror(code);
}

void Configure(CURL* curl, const HttpClientOptions& options, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  // Without this curl uses a signal for its name look-up time-out, which threads must not.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "assay");
  if (options.cancelled) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &options);
  }
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
}

bool InitialiseOnce() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

}  // namespace

Result<HttpClientResponse> HttpClient::Get(const std::string& url, const Headers& headers) const {
  return Send(url, nullptr, headers);
}

Result<HttpClientResponse> HttpClient::Post(const std::string& url, const std::string& body,
                                            const Headers& headers) const {
  return Send(url, &body, headers);
}

Result<HttpClientResponse> HttpClient::Send(const std::string& url, const std::string* body,
                                            const Headers& headers) const {
  if (!InitialiseOnce()) return Fail(ErrorCode::kInternal, "libcurl cannot be initialised");
  const EasyPtr curl(curl_easy_init());
  if (!curl) return Fail(ErrorCode::kInternal, "libcurl gives no handle");
  Transfer transfer;
  transfer.body_limit = options_.body_bytes;
  Configure(curl.get(), options_, transfer);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  if (body != nullptr) {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body->c_str());
  }
  const std::string_view method = body != nullptr ? "POST" : "GET";

  ListPtr list;
  for (const auto& [name, value] : headers) {
    curl_slist* longer = curl_slist_append(list.get(), (name + ": " + value).c_str());
    if (longer == nullptr) return Fail(ErrorCode::kInternal, "out of memory");
    static_cast<void>(list.release());  // it is part of `longer` now
    list.reset(longer);
  }
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());

  const CURLcode code = [&curl] {
    const WaitsOutside waits;
    return curl_easy_perform(curl.get());
  }();
  if (transfer.too_large) {
    return Fail(ErrorCode::kIo, fmt::format("{} {}: the answer is larger than {} bytes", method,
                                            url, options_.body_bytes));
  }
  if (code != CURLE_OK) {
    return Fail(ErrorCode::kIo, fmt::format("{} {}: {}", method, url, WhyFailed(code, options_)),
                "check the network, the proxy and the host name");
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

}  // namespace assay
