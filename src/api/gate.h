// Who may do what: the one question that stands before every request is answered (access/gate.h).
#pragma once

#include <functional>
#include <string_view>

#include "access/gate.h"
#include "net/http_server.h"

namespace assay {

using access::Action;

// Who was let through, or the refusal. `provider` is the name that the request is for ("shared" at
// the root), whether there is one or not.
using Gate = std::function<tl::expected<access::Principal, access::Refusal>(
    std::string_view provider, Action action, const HttpRequest& request)>;

// Attestation for everybody, management for nobody; or, where `open_management`, for everybody who
// reaches the port.
Gate GateWithoutIdentities(bool open_management);

}  // namespace assay
