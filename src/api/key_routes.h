// From path and method to a resource of the key vault: Azure Key Vault's data plane for keys.
//
// The vault stands at the root of the host, as clients of Key Vault take a vault to be a host: from
// an identifier of a key they keep scheme, host and port alone (docs/design/0009-key-vault.md).
#pragma once

#include <string_view>

#include "api/gate.h"
#include "api/key_service.h"
#include "net/http_server.h"

namespace assay {

bool IsKeyPath(std::string_view path);

HttpResponse RouteKeys(KeyService& service, const Gate& gate, const HttpRequest& request,
                       access::Principal* who);

}  // namespace assay
