// One function per resource; router.cc says which path leads where.
#pragma once

#include "api/attest_request.h"
#include "api/attest_service.h"
#include "net/http_server.h"

namespace assay {

HttpResponse PostAttest(AttestService& service, AttestKind kind, const HttpRequest& request);
HttpResponse GetCerts(AttestService& service, const HttpRequest& request);
HttpResponse GetOpenIdConfiguration(AttestService& service, const HttpRequest& request);
HttpResponse GetHealth(AttestService& service, const HttpRequest& request);
HttpResponse GetMetrics(AttestService& service, const HttpRequest& request);

}  // namespace assay
