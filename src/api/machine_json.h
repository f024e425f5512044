// What the resources for machines read and answer.
#pragma once

#include <string_view>

#include "api/error.h"
#include "api/machine_service.h"
#include "api/resources.h"
#include "base/encoding.h"

namespace assay {

HttpResponse JsonResponse(const json::Value& value, unsigned status = 200);
// A failure of the store or of its user: kMissing is 404, kConflict 409.
ApiError MachineError(const Error& error);

// For lists and pages: without what only `GET /machines/{machine}` shows.
json::Object MachineSummary(const monitor::Machine& machine);

// The JSON object of a request's body; an empty body is an empty one.
Result<json::Value> BodyOf(const HttpRequest& request);
// A member in base64url; empty if it is absent.
Result<Bytes> OptionalBytes(const json::Value& document, std::string_view name);
// A list of certificates, leaf first; empty if it is absent.
Result<std::vector<CertificatePtr>> OptionalCertificates(const json::Value& document,
                                                         std::string_view name);
std::string OptionalText(const json::Value& document, std::string_view name);

}  // namespace assay
