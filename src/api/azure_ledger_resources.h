// One function per resource of Azure Confidential Ledger's interface; azure_ledger_routes.cc says
// which path leads where.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/azure_ledger_access.h"
#include "api/error.h"

namespace assay {

// A request of somebody who may do that; of nobody in particular where it is public.
struct LedgerCall {
  const HttpRequest& request;
  AzureLedgerService& service;
  std::string parameter;  // what stands for {...} in the path, decoded
  const LedgerCaller& caller;
};

// azure_ledger_entries.cc
HttpResponse CreateAzureEntry(const LedgerCall& call);
HttpResponse GetAzureEntry(const LedgerCall& call);
HttpResponse GetCurrentAzureEntry(const LedgerCall& call);
HttpResponse ListAzureEntries(const LedgerCall& call);
HttpResponse ListAzureCollections(const LedgerCall& call);
// azure_ledger_transactions.cc
HttpResponse GetTransactionStatus(const LedgerCall& call);
HttpResponse GetTransactionReceipt(const LedgerCall& call);
// azure_ledger_governance.cc
HttpResponse GetLedgerConstitution(const LedgerCall& call);
HttpResponse ListConsortiumMembers(const LedgerCall& call);
HttpResponse GetEnclaveQuotes(const LedgerCall& call);
HttpResponse GetLedgerIdentity(const LedgerCall& call);
// azure_ledger_users.cc
HttpResponse ListUsersWithRole(const LedgerCall& call);
HttpResponse GetUserWithRole(const LedgerCall& call);
HttpResponse PatchUserWithRole(const LedgerCall& call);
HttpResponse ListUsersWithRoles(const LedgerCall& call);
HttpResponse GetUserWithRoles(const LedgerCall& call);
HttpResponse PatchUserWithRoles(const LedgerCall& call);
HttpResponse DeleteLedgerUser(const LedgerCall& call);

// The refusal of an api-version that is missing or unknown.
std::optional<ApiError> CheckLedgerVersion(const HttpRequest& request);
// A failure of the ledger, or of who used it.
HttpResponse LedgerFailure(const AzureLedgerService& service, const Error& error);
// With the transaction whose state is answered: the last one, or that which the request made.
HttpResponse LedgerResponse(const LedgerCall& call, json::Object body,
                            std::optional<std::uint64_t> index = std::nullopt);
// A query parameter, decoded; empty if there is none.
Result<std::string> LedgerParameter(const HttpRequest& request, std::string_view name);
// The index of the transaction with that id. kMissing when there is none.
Result<std::uint64_t> TransactionIndex(AzureLedgerService& service, std::string_view id);

}  // namespace assay
