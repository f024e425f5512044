// POST /attest/{SgxEnclave,OpenEnclave,TdxVm,SevSnpVm}
#include <algorithm>
#include <array>

#include "api/denial.h"
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

HttpResponse PostAttest(const Call& call, AttestKind kind) {
  if (const auto refusal = CheckVersion(call.request)) return ToResponse(*refusal);
  const Result<AttestRequest> parsed = ParseAttestRequest(kind, call.request.body);
  if (!parsed) return ToResponse(BadBody(parsed.error()));
  const tl::expected<std::string, ApiError> token = call.service.Attest(*parsed);
  call.service.Record(*parsed, call.request.body, token);
  if (!token) return ToResponse(token.error());
  HttpResponse out;
  out.body = json::Write(json::Object{{"token", *token}});
  return out;
}

}  // namespace assay
