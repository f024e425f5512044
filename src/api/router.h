// From path and method to resource.
//
// The shared provider stands at the root, a custom one under /providers/NAME. The path alone says
// which: the Host header is never asked, so that no proxy and no client can make a request of one
// provider look like another's. Paths are taken as they come: nothing is decoded, and "." and ".."
// mean nothing, so that there is one spelling of each.
#pragma once

#include "api/attest_service.h"
#include "api/azure_ledger_service.h"
#include "api/gate.h"
#include "api/key_service.h"
#include "api/ledger_service.h"
#include "api/machine_service.h"
#include "api/provider_host.h"
#include "net/http_server.h"

namespace assay {

struct Site {
  AttestService& shared;
  ProviderHost* providers = nullptr;  // null: there are none
  Gate gate;
  MachineService* machines = nullptr;          // null: it watches none
  KeyService* keys = nullptr;                  // null: it has no vault
  LedgerService* ledger = nullptr;             // null: it has no ledger
  AzureLedgerService* azure_ledger = nullptr;  // null: it answers no client of a ledger
};

// Answers every request; counts it and gives it an x-ms-request-id. `who` is told who was let
// through; for logs.
HttpResponse Route(const Site& site, const HttpRequest& request, access::Principal* who = nullptr);
// The same; the answer may be one that comes later.
HttpResponse BeginRoute(const Site& site, const HttpRequest& request,
                        access::Principal* who = nullptr);

// How large a body may be, by the head of its request: evidence of a machine that has a fresh
// challenge may hold its whole IMA list. For those beyond HttpServerOptions::max_body_bytes.
std::uint64_t LargeBodyBytes(const Site& site, const HttpRequest& head);

// A service by itself, with its management closed.
HttpResponse Route(AttestService& service, const HttpRequest& request);

}  // namespace assay
