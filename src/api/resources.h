// One function per resource; router.cc says which path leads where.
#pragma once

#include <optional>
#include <string_view>

#include "api/attest_request.h"
#include "api/attest_service.h"
#include "api/ledger_service.h"
#include "api/machine_service.h"
#include "api/provider_host.h"
#include "net/http_server.h"

namespace assay {

// A request that the gate let through, and the provider it is for.
struct Call {
  const HttpRequest& request;
  AttestService& service;
  std::string_view provider;   // kSharedProvider at the root
  ProviderHost* providers;     // where the provider is kept; null: it is the shared one
  MachineService* machines;    // null: this service watches none
  std::string_view parameter;  // what stands for {...} in the path; empty where it has none
  const access::Principal& who;
  LedgerService* ledger;  // null: there is none
  const DecisionLog* decisions() const { return DecisionsOf(ledger); }
};

// {"token":...}, and the receipt beside it if the request asks for one (?ledger=receipt).
HttpResponse AttestationResponse(const Call& call, std::string token, const Attestation& given);

HttpResponse PostAttest(const Call& call, AttestKind kind);
HttpResponse PostTpm(const Call& call);
HttpResponse PostAzureGuest(const Call& call);
HttpResponse GetCerts(const Call& call);
HttpResponse GetOpenIdConfiguration(const Call& call);
HttpResponse GetHealth(const Call& call);
HttpResponse GetMetrics(const Call& call);

HttpResponse GetPolicy(const Call& call);
HttpResponse PutPolicy(const Call& call);
HttpResponse ResetPolicy(const Call& call);
HttpResponse GetCertificates(const Call& call);
HttpResponse AddCertificate(const Call& call);
HttpResponse RemoveCertificate(const Call& call);

// Only where the service watches machines.
HttpResponse EnrolMachine(const Call& call);
HttpResponse ActivateMachine(const Call& call);
HttpResponse ChallengeMachine(const Call& call);
HttpResponse AttestMachine(const Call& call);
HttpResponse WaitForRecheck(const Call& call);
HttpResponse CertifyMachine(const Call& call);
HttpResponse GetMachineAuthority(const Call& call);
HttpResponse ListMachines(const Call& call);
HttpResponse GetMachine(const Call& call);
HttpResponse GetMachineHistory(const Call& call);
HttpResponse ApproveMachine(const Call& call);
HttpResponse RevokeMachine(const Call& call);
HttpResponse RecheckMachine(const Call& call);
HttpResponse GetStatusList(const Call& call);
HttpResponse ListReleases(const Call& call);
HttpResponse GetRelease(const Call& call);
HttpResponse PutRelease(const Call& call);
HttpResponse DeleteRelease(const Call& call);

// Only where there is a ledger.
HttpResponse GetLedgerKey(const Call& call);
HttpResponse GetLedgerSigners(const Call& call);
HttpResponse GetLedgerService(const Call& call);
HttpResponse GetLedgerReceipt(const Call& call);
HttpResponse ListLedgerEntries(const Call& call);
HttpResponse GetLedgerEntry(const Call& call);
HttpResponse GetLedgerCheckpoint(const Call& call);
HttpResponse GetLedgerTile(const Call& call);

// The refusal of an api-version that is missing or unknown.
std::optional<ApiError> CheckVersion(const HttpRequest& request);

}  // namespace assay
