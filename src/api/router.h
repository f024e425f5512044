// From path and method to resource.
#pragma once

#include "access/gate.h"
#include "api/attest_service.h"
#include "net/http_server.h"

namespace assay {

// The provider at the root of the service.
inline constexpr std::string_view kRootProvider = "default";

// Answers every request; counts it and gives it an x-ms-request-id. Who may not ask is refused
// before anything of the request is read. `who` is told who was let through; for logs.
HttpResponse Route(AttestService& service, const access::Gate& gate, const HttpRequest& request,
                   access::Principal* who = nullptr);

}  // namespace assay
