#include "agent/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace assay::agent {
namespace {

Answer AnswerOf(unsigned status, std::string_view code) {
  if (status >= 200 && status < 300) return Answer::kYes;
  // Any other 404 is a wrong URL or provider, which enrolling would not mend.
  if (status == 404 && code == "MachineNotFound") return Answer::kUnknownMachine;
  if (status == 410) return Answer::kExpired;
  if (status == 408 || status == 429 || status >= 500) return Answer::kAway;
  return Answer::kDenied;
}

std::optional<std::chrono::seconds> RetryAfter(const HttpsResponse& response) {
  const auto header = response.headers.find("retry-after");
  if (header == response.headers.end()) return std::nullopt;
  unsigned seconds = 0;
  const char* const end = header->second.data() + header->second.size();
  // The form with a date (RFC 9110 §10.2.3) needs a clock that agrees: the back-off does as well.
  const auto [stop, error] = std::from_chars(header->second.data(), end, seconds);
  if (error != std::errc() || stop != end) return std::nullopt;
  return std::min(std::chrono::seconds(seconds), limits::kAgentLongestPause);
}

std::string Member(const json::Value& object, std::string_view name) {
  const json::Value* const value = object.Find(name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

// The reasons in a refusal: checks of the evidence, and what has changed on a known machine.
std::string Reasons(const json::Value& body, std::string_view list, std::string_view name) {
  const json::Value* const reasons = body.Find(list);
  std::string out;
  if (reasons == nullptr || reasons->AsArray() == nullptr) return out;
  for (const json::Value& one : *reasons->AsArray()) {
    out += fmt::format("\n  {}: expected {}, found {}", Member(one, name), Member(one, "expected"),
                       Member(one, "found"));
    const std::string detail = Member(one, "detail");
    if (!detail.empty()) out += "; " + detail;
  }
  return out;
}

}  // namespace

Said Understand(const HttpsResponse& response) {
  Said out;
  out.status = response.status;
  out.retry_after = RetryAfter(response);
  if (auto body = json::Parse(response.body)) out.body = std::move(*body);
  if (const json::Value* const error = out.body.Find("error")) {
    out.code = Member(*error, "code");
    out.message = Member(*error, "message");
    const json::Value* const inner = error->Find("innererror");
    if (inner != nullptr) out.inner = Member(*inner, "code");
  }
  out.answer = AnswerOf(response.status, out.code);
  if (out.yes() && out.body.AsObject() == nullptr) {
    // Something in between answered in the service's place.
    out.answer = Answer::kAway;
    out.message = "the answer is no JSON object";
  }
  return out;
}

std::string Said::Text() const {
  if (status == 0) return message;
  const std::string reason = inner.empty() ? code : fmt::format("{} ({})", code, inner);
  return fmt::format("{} {}: {}", status, reason, message) + Reasons(body, "failedChecks", "name") +
         Reasons(body, "drift", "what");
}

Said Service::Post(const std::string& action, const json::Value& body) const {
  return PostText(action, json::Write(body));
}

Said Service::PostText(const std::string& action, std::string body) const {
  return Send(options_.provider.empty() ? action : "/providers/" + options_.provider + action,
              std::move(body));
}

Said Service::PostAtRoot(const std::string& path, const json::Value& body) const {
  return Send(path, json::Write(body));
}

Said Service::Send(std::string target, std::string body) const {
  HttpsRequest request;
  request.target = std::move(target);
  request.body = std::move(body);
  if (!options_.bearer.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + options_.bearer);
  }
  HttpsClientOptions client = options_.client;
  if (request.body.size() > limits::kRequestBytes) {
    client.total_timeout += limits::kLargeRequestTime;
  }
  const auto response = SendHttps(options_.url, request, client);
  if (response) return Understand(*response);
  Said out;
  out.message = response.error().message;
  if (!response.error().hint.empty()) out.message += "; " + response.error().hint;
  return out;
}

}  // namespace assay::agent
