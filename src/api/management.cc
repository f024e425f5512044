#include "api/management.h"

#include "base/encoding.h"

namespace assay {
namespace {

// Clients send the token as text, or, as the definition of the API also reads, as a JSON string.
Result<std::string> TokenOfBody(std::string_view body) {
  if (!body.starts_with('"')) return std::string(body);
  const json::Value document = TRY(json::Parse(body));
  if (document.AsString() == nullptr) {
    return Fail(ErrorCode::kMalformed, "body: expected a token, or a token as JSON string");
  }
  return *document.AsString();
}

ProviderState SharedState() {
  ProviderState out;
  out.provider.name = kSharedProvider;
  out.provider.model = TrustModel::kShared;
  return out;
}

}  // namespace

HttpResponse Respond(const Call& call, const ManagementAnswer& answer) {
  if (!answer) return ToResponse(answer.error());
  const Result<std::string> token = call.service.Sign(*answer);
  if (!token) return ToResponse(ManagementRefused(token.error()));
  HttpResponse out;
  out.body = json::Write(json::Object{{"token", *token}});
  return out;
}

ApiError ManagementRefused(const Error& error) {
  std::string message = error.message;
  if (!error.hint.empty()) message += "; " + error.hint;
  switch (error.code) {
    case ErrorCode::kConflict: return {409, "Conflict", std::move(message), {}};
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      return {500, "InternalError", "the request could not be processed", {}};
    default: return {400, "InvalidOperation", std::move(message), {}};
  }
}

Result<AdmittedChange> ReadChange(const Call& call) {
  ProviderState state = SharedState();
  if (call.providers != nullptr) {
    auto found = TRY(ProviderBook(call.providers->store()).Find(call.provider));
    if (!found) return Fail(ErrorCode::kConflict, "the provider was deleted meanwhile");
    state = std::move(*found);
  }
  const std::string text = TRY(TokenOfBody(call.request.body));
  ManagementToken token =
      TRY(ReadManagementToken(text, state.provider.model, state.certificates, call.service.now()));
  return AdmittedChange{std::move(state), std::move(token)};
}

ManagementAnswer Retried(const std::function<ManagementAnswer()>& decide) {
  constexpr int kAttempts = 3;
  ManagementAnswer answer = decide();
  for (int i = 1; i < kAttempts && !answer && answer.error().status == 409; ++i) answer = decide();
  return answer;
}

json::Object CertificateJwk(const Certificate& certificate) {
  std::string_view alg = "RS256";
  if (certificate.key().IsEc(Curve::kP256)) alg = "ES256";
  if (certificate.key().IsEc(Curve::kP384)) alg = "ES384";
  const std::string_view kty = alg.starts_with('E') ? std::string_view("EC") : "RSA";
  return {{"alg", alg},
          {"kty", kty},
          {"use", "sig"},
          {"x5c", json::Array{Base64Encode(certificate.der())}}};
}

}  // namespace assay
