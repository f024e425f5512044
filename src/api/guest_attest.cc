// POST /attest/AzureGuest
#include "api/denial.h"
#include "api/guest_request.h"
#include "api/resources.h"

namespace assay {

HttpResponse PostAzureGuest(const Call& call) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  Result<GuestRequest> request = ParseGuestRequest(call.request.body);
  if (!request) return ToResponse(BadBody(request.error()));
  request->attest.actor = ActorOf(call.who);
  const tl::expected<Attestation, ApiError> given = call.service.Attest(request->attest);
  if (!given) return ToResponse(given.error());
  const Result<std::string> sealed = SealToken(given->token, request->sealing_key);
  if (!sealed) return ToResponse(FromError(sealed.error()));
  return AttestationResponse(call, *sealed, *given);
}

}  // namespace assay
