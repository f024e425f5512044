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

// Both places in which errors of this service hold their checks.
const json::Value* ChecksOf(const json::Value& body) {
  if (const json::Value* const checks = body.Find("failedChecks")) return checks;
  const json::Value* const error = body.Find("error");
  return error != nullptr ? error->Find("checks") : nullptr;
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
  std::string out = status == 0 ? message : fmt::format("{} {}: {}", status, code, message);
  const json::Value* const checks = ChecksOf(body);
  if (checks == nullptr || checks->AsArray() == nullptr) return out;
  for (const json::Value& check : *checks->AsArray()) {
    out += fmt::format("\n  {}: expected {}, found {}", Member(check, "name"),
                       Member(check, "expected"), Member(check, "found"));
  }
  return out;
}

Said Service::Post(const std::string& action, const json::Value& body) const {
  return PostText(action, json::Write(body));
}

Said Service::PostText(const std::string& action, std::string body) const {
  HttpsRequest request;
  request.target = options_.provider.empty() ? action : "/providers/" + options_.provider + action;
  request.body = std::move(body);
  if (!options_.bearer.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + options_.bearer);
  }
  const auto response = SendHttps(options_.url, request, options_.client);
  if (response) return Understand(*response);
  Said out;
  out.message = response.error().message;
  if (!response.error().hint.empty()) out.message += "; " + response.error().hint;
  return out;
}

}  // namespace assay::agent
