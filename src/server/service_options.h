// From what the command line said to what each part of the service is given.
#pragma once

#include <string>

#include "api/provider_host.h"
#include "server/serve.h"
#include "server/service_azure_ledger.h"
#include "server/service_collateral.h"
#include "server/service_keys.h"
#include "server/service_ledger.h"
#include "server/service_machines.h"

namespace assay {

std::string IssuerOf(const ServeOptions& options);
std::string IssuerOfProvider(const std::string& service_issuer, const Provider& provider);

AttestServiceOptions AttestOptionsOf(const ServeOptions& options, const std::string& issuer);
ServiceCollateralOptions CollateralOptionsOf(const ServeOptions& options);
// `ledger` may be null, and outlives the machines.
ServiceMachinesOptions MachinesOptionsOf(const ServeOptions& options, ServiceLedger* ledger);
ServiceKeysOptions KeysOptionsOf(const ServeOptions& options, const std::string& issuer);
AzureLedgerOptions AzureLedgerOptionsOf(const ServeOptions& options, const std::string& issuer);

}  // namespace assay
