#include "api/machine_json.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace assay {

HttpResponse JsonResponse(const json::Value& value, unsigned status) {
  HttpResponse out;
  out.status = status;
  out.body = json::Write(value);
  return out;
}

ApiError MachineError(const Error& error) {
  const std::string message = error.message + (error.hint.empty() ? "" : "; " + error.hint);
  switch (error.code) {
    case ErrorCode::kMissing: return {404, "NotFound", message, {}};
    case ErrorCode::kConflict: return {409, "Conflict", message, {}};
    case ErrorCode::kMalformed:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInvalidArgument: return {400, "InvalidParameter", message, {}};
    case ErrorCode::kIo:
      return {503, "ServiceUnavailable", "the store did not answer; try again", {}};
    case ErrorCode::kInternal: break;
  }
  return {500, "InternalError", "the service could not answer: see its log", {}};
}

json::Object MachineSummary(const monitor::Machine& machine) {
  json::Array drift;
  for (const monitor::Drift& one : machine.drift) drift.emplace_back(one.what);
  const bool seen = machine.last.at != Time{};
  json::Object out{{"machine", machine.id},
                   {"name", machine.name},
                   {"state", Name(machine.state)},
                   {"since", FormatTime(machine.since)},
                   {"route", machine.route},
                   {"release", machine.release},
                   {"last_good", seen ? json::Value(FormatTime(machine.last.at)) : json::Value()},
                   {"drift", std::move(drift)}};
  json::Array warnings;
  for (const std::string& one : machine.warnings) warnings.emplace_back(one);
  if (!warnings.empty()) out.emplace_back("warnings", std::move(warnings));
  return out;
}

Result<json::Value> BodyOf(const HttpRequest& request) {
  if (request.body.empty()) return json::Value(json::Object{});
  json::Value out = TRY(json::Parse(request.body));
  if (out.AsObject() == nullptr) return Fail(ErrorCode::kMalformed, "body: expected an object");
  return out;
}

Result<Bytes> OptionalBytes(const json::Value& document, std::string_view name) {
  if (document.Find(name) == nullptr) return Bytes();
  return Base64UrlDecode(TRY(document.String(name, "body")));
}

Result<std::vector<CertificatePtr>> OptionalCertificates(const json::Value& document,
                                                         std::string_view name) {
  std::vector<CertificatePtr> out;
  if (document.Find(name) == nullptr) return out;
  const json::Array& list = *TRY(document.List(name, "body"));
  if (list.size() > limits::kCertificatesInChain) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: at most {} certificates", name, limits::kCertificatesInChain));
  }
  for (const json::Value& one : list) {
    if (one.AsString() == nullptr) {
      return Fail(ErrorCode::kMalformed, fmt::format("{}: expected DER in base64url", name));
    }
    out.push_back(TRY(Certificate::FromDer(TRY(Base64UrlDecode(*one.AsString())))));
  }
  return out;
}

std::string OptionalText(const json::Value& document, std::string_view name) {
  const json::Value* const value = document.Find(name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

}  // namespace assay
