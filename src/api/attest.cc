// POST /attest/{SgxEnclave,OpenEnclave,TdxVm,SevSnpVm}
#include <algorithm>
#include <array>

#include "api/denial.h"
#include "api/machine_json.h"
#include "api/resources.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 3> kVersions = {"2020-10-01", "2022-08-01", "2025-06-01"};

}  // namespace

std::optional<ApiError> CheckVersion(const HttpRequest& request) {
  const std::string_view version = request.Parameter("api-version");
  if (version.empty()) {
    return ApiError{
        400, "MissingApiVersionParameter", "the query parameter api-version is required", {}};
  }
  if (std::find(kVersions.begin(), kVersions.end(), version) == kVersions.end()) {
    return ApiError{400,
                    "UnsupportedApiVersionValue",
                    "api-version: expected 2020-10-01, 2022-08-01 or 2025-06-01, found " +
                        std::string(version.substr(0, 32)),
                    {}};
  }
  return std::nullopt;
}

HttpResponse AttestationResponse(const Call& call, std::string token, const Attestation& given) {
  json::Object out{{"token", std::move(token)}};
  if (given.place && call.request.Parameter("ledger") == "receipt") {
    auto proof = call.decisions()->ledger().Prove(given.place->index);
    if (!proof) return ToResponse(FromError(proof.error()));
    out.emplace_back("ledger", ledger::EntryProofJson(*proof));
  }
  return JsonResponse(std::move(out));
}

namespace {

HttpResponse Told(const Call& call, const AttestRequest& request,
                  const tl::expected<Attestation, ApiError>& given) {
  call.service.Record(request, call.request.body, given);
  if (!given) return ToResponse(given.error());
  return AttestationResponse(call, given->token, *given);
}

}  // namespace

HttpResponse PostAttest(const Call& call, AttestKind kind) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  Result<AttestRequest> parsed = ParseAttestRequest(kind, call.request.body);
  if (!parsed) return ToResponse(BadBody(parsed.error()));
  parsed->actor = ActorOf(call.who);
  auto begun = call.service.Begin(*parsed);
  if (!begun) return Told(call, *parsed, tl::unexpected(std::move(begun.error())));
  if (!begun->recording) return Told(call, *parsed, call.service.Finish(std::move(*begun)));
  // Most of what an attestation takes is to wait for the disk: no worker does. Of the call,
  // service, ledger and request are there until the answer is; who asked is not.
  struct Waiting {
    AttestRequest request;
    PendingAttestation attestation;
  };
  const auto waiting = std::make_shared<Waiting>(Waiting{std::move(*parsed), std::move(*begun)});
  HttpResponse out;
  out.later = std::make_shared<const LaterAnswer>(LaterAnswer{
      [waiting](std::function<void()> call_back) {
        waiting->attestation.recording->Then(std::move(call_back));
      },
      [waiting, call] {
        return Told(call, waiting->request, call.service.Finish(std::move(waiting->attestation)));
      }});
  return out;
}

}  // namespace assay
