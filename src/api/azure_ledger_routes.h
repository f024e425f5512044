// From path and method to a resource of Azure Confidential Ledger's data plane (API 2022-05-13 and
// later) and of its identity service.
//
// The ledger stands at the root of the host, as its clients keep scheme, host and port alone
// (docs/design/0015-azure-ledger.md).
#pragma once

#include <string_view>

#include "api/azure_ledger_service.h"
#include "api/gate.h"
#include "net/http_server.h"

namespace assay {

bool IsAzureLedgerPath(std::string_view path);

HttpResponse RouteAzureLedger(AzureLedgerService& service, const Gate& gate,
                              const HttpRequest& request, access::Principal* who);

}  // namespace assay
