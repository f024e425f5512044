// Who may do what: the one question that stands before every request is answered.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "api/error.h"
#include "net/http_server.h"

namespace assay {

enum class Action {
  kPublic,              // keys, metadata, health: what a relying party needs is nobody's secret
  kAttest,              // evidence for a token
  kRead,                // policies and their signers
  kWritePolicy,         // set and reset
  kManageCertificates,  // of those who sign policies
};

// Nothing, or the refusal. `provider` is the name that the request is for ("shared" at the root),
// whether there is one or not.
using Gate = std::function<std::optional<ApiError>(std::string_view provider, Action action,
                                                   const HttpRequest& request)>;

// Attestation for everybody, management for nobody; or, where `open_management`, for everybody who
// reaches the port.
Gate GateWithoutIdentities(bool open_management);

}  // namespace assay
