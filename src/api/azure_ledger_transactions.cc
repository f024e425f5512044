// Transactions of the ledger, whatever they wrote: status and receipt; and what all resources of
// the ledger share.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/azure_ledger_resources.h"
#include "api/machine_json.h"
#include "base/percent.h"

namespace assay {
namespace {

// Stable ones, and the preview that has tags and several roles for a user.
constexpr std::array<std::string_view, 3> kLedgerVersions = {"2022-05-13", "2022-11-23",
                                                             "2024-12-09-preview"};
// Whose receipts have no application claims.
constexpr std::string_view kVersionWithoutClaims = kLedgerVersions[0];

}  // namespace

std::optional<ApiError> CheckLedgerVersion(const HttpRequest& request) {
  const std::string_view version = request.Parameter("api-version");
  if (std::find(kLedgerVersions.begin(), kLedgerVersions.end(), version) != kLedgerVersions.end()) {
    return std::nullopt;
  }
  if (version.empty()) {
    return ApiError{
        400, "MissingApiVersionParameter", "the query parameter api-version is required", {}};
  }
  return ApiError{400,
                  "UnsupportedApiVersionValue",
                  fmt::format("api-version: expected {}, found {}",
                              fmt::join(kLedgerVersions, ", "), version.substr(0, 32)),
                  {}};
}

HttpResponse LedgerFailure(const AzureLedgerService& service, const Error& error) {
  // What the ledger finds damaged is malformed, too, and nobody's request: requests are refused
  // before they reach it.
  const bool ours = error.code == ErrorCode::kIo || error.code == ErrorCode::kInternal;
  if (ours && service.report) service.report(error.message);
  return ToResponse(MachineError(error));
}

HttpResponse LedgerResponse(const LedgerCall& call, json::Object body,
                            std::optional<std::uint64_t> index) {
  HttpResponse out = JsonResponse(std::move(body));
  const std::uint64_t size = call.service.ledger.checkpoint().size;
  if (!index && size > 0) index = size - 1;
  if (index) {
    out.headers.emplace_back("x-ms-ccf-transaction-id", ToText(ledger::TransactionOf(*index)));
  }
  return out;
}

Result<std::string> LedgerParameter(const HttpRequest& request, std::string_view name) {
  return DecodeQueryValue(request.Parameter(name));
}

Result<std::uint64_t> TransactionIndex(AzureLedgerService& service, std::string_view id) {
  const ledger::TransactionId transaction = TRY(ledger::ParseTransactionId(id));
  const auto committed = [&] { return transaction.seqno <= service.ledger.checkpoint().size; };
  // Another process may have written it.
  if (transaction.view == ledger::kView && !committed()) TRY_VOID(service.ledger.Refresh());
  if (transaction.view == ledger::kView && committed()) return transaction.seqno - 1;
  return Fail(ErrorCode::kMissing, fmt::format("there is no transaction {}; the last is {}.{}", id,
                                               ledger::kView, service.ledger.checkpoint().size));
}

// An append is answered when it is durable, so what has an id is committed.
HttpResponse GetTransactionStatus(const LedgerCall& call) {
  const auto index = TransactionIndex(call.service, call.parameter);
  if (!index) return LedgerFailure(call.service, index.error());
  return LedgerResponse(call, {{"state", "Committed"}, {"transactionId", call.parameter}});
}

HttpResponse GetTransactionReceipt(const LedgerCall& call) {
  const auto index = TransactionIndex(call.service, call.parameter);
  if (!index) return LedgerFailure(call.service, index.error());
  auto proof = call.service.ledger.ProveCcf(*index);
  if (!proof) return LedgerFailure(call.service, proof.error());
  const auto receipt = ledger::SignCcfReceipt(std::move(*proof), call.service.node);
  if (!receipt) return LedgerFailure(call.service, receipt.error());
  const bool claims = call.request.Parameter("api-version") != kVersionWithoutClaims;
  return LedgerResponse(call, CcfReceiptJson(*receipt, claims));
}

}  // namespace assay
