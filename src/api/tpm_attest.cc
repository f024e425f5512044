// POST /attest/Tpm: a challenge, then the answer to it (azure-docs, attestation/
// virtualization-based-security-protocol.md, in the envelope of the REST API).
#include "api/denial.h"
#include "api/resources.h"
#include "api/tpm_request.h"
#include "base/encoding.h"

namespace assay {
namespace {

using monitor::ChallengeState;

HttpResponse Enveloped(bool wrapped, json::Object message) {
  json::Value inner(std::move(message));
  if (wrapped) inner = json::Object{{"payload", std::move(inner)}};
  HttpResponse out;
  out.body = json::Write(json::Object{{"data", Base64UrlEncode(AsBytes(json::Write(inner)))}});
  return out;
}

HttpResponse GiveChallenge(const Call& call, bool wrapped) {
  const Result<TpmChallenge> given = call.service.GiveTpmChallenge();
  if (!given) return ToResponse(FromError(given.error()));
  return Enveloped(wrapped, {{"challenge", Base64UrlEncode(given->challenge)},
                             {"service_context", Base64UrlEncode(given->service_context)}});
}

std::optional<ApiError> RefuseState(ChallengeState state) {
  switch (state) {
    case ChallengeState::kFresh: return std::nullopt;
    case ChallengeState::kExpired:
      return ApiError{400, "NonceExpired", "the challenge has expired: ask for a new one", {}};
    case ChallengeState::kUsed:
      return ApiError{400, "NonceUsed", "the challenge was answered before: ask for a new one", {}};
    case ChallengeState::kForeign: break;
  }
  return ApiError{400,
                  "NonceUnknown",
                  "this provider did not give that challenge with that service_context",
                  {}};
}

HttpResponse AnswerRequest(const Call& call, const TpmMessage& message) {
  Result<TpmRequest> request = ParseTpmRequest(*message.request, call.service.issuer());
  if (!request) return ToResponse(BadBody(request.error()));
  const ChallengeState state =
      call.service.UseTpmChallenge(request->challenge, request->service_context);
  if (const auto refusal = RefuseState(state)) return ToResponse(*refusal);
  request->attest.actor = ActorOf(call.who);
  const tl::expected<Attestation, ApiError> given = call.service.Attest(request->attest);
  if (!given) return ToResponse(given.error());
  return Enveloped(message.wrapped, {{"report", given->token}});
}

Result<TpmMessage> MessageIn(std::string_view body) {
  const json::Value document = TRY(json::Parse(body));
  const Bytes data = TRY(Base64UrlDecode(TRY(document.String("data", "body"))));
  return ParseTpmMessage(AsText(data));
}

}  // namespace

HttpResponse PostTpm(const Call& call) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  const Result<TpmMessage> message = MessageIn(call.request.body);
  if (!message) return ToResponse(BadBody(message.error()));
  return message->request ? AnswerRequest(call, *message) : GiveChallenge(call, message->wrapped);
}

}  // namespace assay
