// POST /attest/AzureGuest
#include "api/denial.h"
#include "api/guest_request.h"
#include "api/resources.h"

namespace assay {

HttpResponse PostAzureGuest(const Call& call) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  const Result<GuestRequest> request = ParseGuestRequest(call.request.body);
  if (!request) return ToResponse(BadBody(request.error()));
  const tl::expected<std::string, ApiError> token = call.service.Attest(request->attest);
  if (!token) return ToResponse(token.error());
  const Result<std::string> sealed = SealToken(*token, request->sealing_key);
  if (!sealed) return ToResponse(FromError(sealed.error()));
  HttpResponse out;
  out.body = json::Write(json::Object{{"token", *sealed}});
  return out;
}

}  // namespace assay
