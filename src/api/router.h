// From path and method to resource.
#pragma once

#include "api/attest_service.h"
#include "net/http_server.h"

namespace assay {

// Answers every request; counts it and gives it an x-ms-request-id.
HttpResponse Route(AttestService& service, const HttpRequest& request);

}  // namespace assay
