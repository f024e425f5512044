#include "api/azure_ledger_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "api/azure_ledger_resources.h"
#include "api/machine_json.h"
#include "base/percent.h"

namespace assay {
namespace {

using ledger::LedgerRole;

struct LedgerRoute {
  std::string_view method;
  std::string_view path;
  std::optional<LedgerRole> needed;  // nothing: it is public, and has no version
  HttpResponse (*resource)(const LedgerCall&);
};

constexpr LedgerRole kReader = LedgerRole::kReader;
constexpr LedgerRole kContributor = LedgerRole::kContributor;
constexpr LedgerRole kAdministrator = LedgerRole::kAdministrator;

// Those without a parameter come first: "current" is no transaction id.
constexpr std::array kLedgerRoutes = std::to_array<LedgerRoute>({
    {"GET", "/app/governance/constitution", kReader, GetLedgerConstitution},
    {"GET", "/app/governance/members", kReader, ListConsortiumMembers},
    {"GET", "/app/enclaveQuotes", kReader, GetEnclaveQuotes},
    {"GET", "/app/collections", kReader, ListAzureCollections},
    {"GET", "/app/transactions", kReader, ListAzureEntries},
    {"POST", "/app/transactions", kContributor, CreateAzureEntry},
    {"GET", "/app/transactions/current", kReader, GetCurrentAzureEntry},
    {"GET", "/app/transactions/{transactionId}", kReader, GetAzureEntry},
    {"GET", "/app/transactions/{transactionId}/receipt", kReader, GetTransactionReceipt},
    {"GET", "/app/transactions/{transactionId}/status", kReader, GetTransactionStatus},
    {"GET", "/app/users", kAdministrator, ListUsersWithRole},
    {"GET", "/app/users/{userId}", kAdministrator, GetUserWithRole},
    {"PATCH", "/app/users/{userId}", kAdministrator, PatchUserWithRole},
    {"DELETE", "/app/users/{userId}", kAdministrator, DeleteLedgerUser},
    {"GET", "/app/ledgerUsers", kAdministrator, ListUsersWithRoles},
    {"GET", "/app/ledgerUsers/{userId}", kAdministrator, GetUserWithRoles},
    {"PATCH", "/app/ledgerUsers/{userId}", kAdministrator, PatchUserWithRoles},
    {"DELETE", "/app/ledgerUsers/{userId}", kAdministrator, DeleteLedgerUser},
    {"GET", "/ledgerIdentity/{ledgerId}", std::nullopt, GetLedgerIdentity},
});

// What runs JavaScript in the ledger, and roles that only such code asks about.
bool IsUserDefined(std::string_view path) {
  return path.starts_with("/app/userDefined") || path == "/app/roles";
}

// What stands for {...}, still encoded, and empty for a pattern without it; nothing when they do
// not match.
std::optional<std::string_view> MatchLedgerPath(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    return pattern == path ? std::optional<std::string_view>("") : std::nullopt;
  }
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= open + tail.size() || !path.starts_with(pattern.substr(0, open)) ||
      !path.ends_with(tail)) {
    return std::nullopt;
  }
  const std::string_view value = path.substr(open, path.size() - open - tail.size());
  return value.find('/') == std::string_view::npos ? std::optional(value) : std::nullopt;
}

HttpResponse AnswerLedger(AzureLedgerService& service, const Gate& gate, const LedgerRoute& route,
                          std::string_view parameter, const HttpRequest& request,
                          access::Principal* who) {
  LedgerCaller caller;
  if (route.needed) {
    auto known = IdentifyLedgerCaller(service, gate, request, *route.needed);
    if (!known) return RefusalResponse(known.error());
    caller = std::move(*known);
    if (who != nullptr) *who = caller.who;
    if (const auto refusal = CheckLedgerVersion(request)) return ToResponse(*refusal);
  }
  auto decoded = PercentDecode(parameter);
  if (!decoded) return LedgerFailure(service, decoded.error());
  return route.resource({request, service, std::move(*decoded), caller});
}

HttpResponse RefuseUserDefined(AzureLedgerService& service, const Gate& gate,
                               const HttpRequest& request) {
  const auto caller = IdentifyLedgerCaller(service, gate, request, kReader);
  if (!caller) return RefusalResponse(caller.error());
  return ToResponse({501,
                     "NotSupported",
                     "this ledger runs no code of its users: functions, endpoints and the roles "
                     "they ask about are not there",
                     {}});
}

}  // namespace

bool IsAzureLedgerPath(std::string_view path) {
  return path.starts_with("/app/") || path.starts_with("/ledgerIdentity/");
}

HttpResponse RouteAzureLedger(AzureLedgerService& service, const Gate& gate,
                              const HttpRequest& request, access::Principal* who) {
  const std::string_view path = request.path;
  if (IsUserDefined(path)) return RefuseUserDefined(service, gate, request);
  std::string allowed;
  for (const LedgerRoute& route : kLedgerRoutes) {
    const auto parameter = MatchLedgerPath(route.path, path);
    if (!parameter) continue;
    if (route.method == request.method) {
      return AnswerLedger(service, gate, route, *parameter, request, who);
    }
    if (allowed.find(route.method) != std::string::npos) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) return ToResponse({404, "NotFound", "there is no such resource", {}});
  HttpResponse out = ToResponse({405, "MethodNotAllowed", "expected " + allowed, {}});
  out.headers.emplace_back("Allow", allowed);
  return out;
}

}  // namespace assay
