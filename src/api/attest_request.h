// The bodies of POST /attest/*, as the REST API definition 2025-06-01 describes them.
#pragma once

#include <string_view>

#include "api/attest_service.h"

namespace assay {

enum class AttestKind { kSgxEnclave, kOpenEnclave, kTdxVm, kSevSnpVm };

// What evidence of that type is sent as; nothing for types that this build does not attest.
std::optional<AttestKind> KindOf(policy::AttestationType type);

Result<AttestRequest> ParseAttestRequest(AttestKind kind, std::string_view body);

}  // namespace assay
