#include "api/router.h"

#include <array>
#include <chrono>

#include "api/azure_ledger_routes.h"
#include "api/denial.h"
#include "api/key_routes.h"
#include "api/ledger_service.h"
#include "api/resources.h"
#include "base/encoding.h"
#include "base/limits.h"

namespace assay {
namespace {

using ledger::RecordKind;

using Resource = HttpResponse (*)(const Call&);

template <AttestKind kKind>
HttpResponse Attest(const Call& call) {
  return PostAttest(call, kKind);
}

enum class Scope {
  kProvider,  // of each provider
  kMachines,  // of each provider, where machines are watched
  kService,   // of the process, at the root alone
  kLedger,    // likewise, where there is a ledger
};

struct Entry {
  std::string_view method;
  std::string_view path;
  Action action;
  Resource resource;
  Scope scope = Scope::kProvider;
  std::optional<RecordKind> record = std::nullopt;  // the act that it is, done or forbidden
};

constexpr std::array kRoutes = std::to_array<Entry>({
    {"POST", "/attest/SgxEnclave", Action::kAttest, Attest<AttestKind::kSgxEnclave>},
    {"POST", "/attest/OpenEnclave", Action::kAttest, Attest<AttestKind::kOpenEnclave>},
    {"POST", "/attest/TdxVm", Action::kAttest, Attest<AttestKind::kTdxVm>},
    {"POST", "/attest/SevSnpVm", Action::kAttest, Attest<AttestKind::kSevSnpVm>},
    {"POST", "/attest/Tpm", Action::kAttest, PostTpm},
    {"POST", "/attest/AzureGuest", Action::kAttest, PostAzureGuest},
    {"GET", "/policies/{attestationType}", Action::kRead, GetPolicy},
    {"PUT", "/policies/{attestationType}", Action::kWritePolicy, PutPolicy, Scope::kProvider,
     RecordKind::kPolicyChange},
    {"POST", "/policies/{attestationType}:reset", Action::kWritePolicy, ResetPolicy,
     Scope::kProvider, RecordKind::kPolicyChange},
    {"GET", "/certificates", Action::kRead, GetCertificates},
    {"POST", "/certificates:add", Action::kManageCertificates, AddCertificate, Scope::kProvider,
     RecordKind::kAdministration},
    {"POST", "/certificates:remove", Action::kManageCertificates, RemoveCertificate,
     Scope::kProvider, RecordKind::kAdministration},
    {"POST", "/machines:enroll", Action::kAttest, EnrolMachine, Scope::kMachines},
    {"POST", "/machines:activate", Action::kAttest, ActivateMachine, Scope::kMachines},
    {"POST", "/machines/{machine}:challenge", Action::kAttest, ChallengeMachine, Scope::kMachines},
    {"POST", "/machines/{machine}:attest", Action::kAttest, AttestMachine, Scope::kMachines},
    {"POST", "/machines/{machine}:wait", Action::kAttest, WaitForRecheck, Scope::kMachines},
    {"POST", "/machines/{machine}:certify", Action::kAttest, CertifyMachine, Scope::kMachines},
    {"GET", "/machine-ca", Action::kPublic, GetMachineAuthority, Scope::kMachines},
    {"GET", "/machines", Action::kRead, ListMachines, Scope::kMachines},
    {"GET", "/machines/{machine}", Action::kRead, GetMachine, Scope::kMachines},
    {"GET", "/machines/{machine}/history", Action::kRead, GetMachineHistory, Scope::kMachines},
    {"POST", "/machines/{machine}:approve", Action::kManageMachines, ApproveMachine,
     Scope::kMachines, RecordKind::kAdministration},
    {"POST", "/machines/{machine}:revoke", Action::kManageMachines, RevokeMachine, Scope::kMachines,
     RecordKind::kAdministration},
    {"POST", "/machines/{machine}:recheck", Action::kManageMachines, RecheckMachine,
     Scope::kMachines, RecordKind::kAdministration},
    {"GET", "/status-list", Action::kPublic, GetStatusList, Scope::kMachines},
    {"GET", "/releases", Action::kRead, ListReleases, Scope::kMachines},
    {"GET", "/releases/{release}", Action::kRead, GetRelease, Scope::kMachines},
    {"PUT", "/releases/{release}", Action::kManageMachines, PutRelease, Scope::kMachines,
     RecordKind::kAdministration},
    {"DELETE", "/releases/{release}", Action::kManageMachines, DeleteRelease, Scope::kMachines,
     RecordKind::kAdministration},
    {"GET", "/certs", Action::kPublic, GetCerts},
    {"GET", "/.well-known/openid-configuration", Action::kPublic, GetOpenIdConfiguration},
    {"GET", "/ledger/key", Action::kPublic, GetLedgerKey, Scope::kLedger},
    {"GET", "/ledger/signers", Action::kPublic, GetLedgerSigners, Scope::kLedger},
    {"GET", "/ledger/service", Action::kPublic, GetLedgerService, Scope::kLedger},
    {"GET", "/ledger/receipts/{index}", Action::kPublic, GetLedgerReceipt, Scope::kLedger},
    {"GET", "/ledger/entries", Action::kRead, ListLedgerEntries, Scope::kLedger},
    {"GET", "/ledger/entries/{index}", Action::kRead, GetLedgerEntry, Scope::kLedger},
    {"GET", "/ledger/checkpoint", Action::kPublic, GetLedgerCheckpoint, Scope::kLedger},
    {"GET", "/ledger/tile/{path}", Action::kPublic, GetLedgerTile, Scope::kLedger},
    {"GET", "/healthz", Action::kPublic, GetHealth, Scope::kService},
    {"GET", "/readyz", Action::kPublic, GetHealth, Scope::kService},
    {"GET", "/metrics", Action::kPublic, GetMetrics, Scope::kService},
});

constexpr std::string_view kProviders = "/providers/";

// The parameter that may have several segments.
constexpr std::string_view kWholePath = "{path}";

// What stands for {...}, empty for a pattern without it; nothing when they do not match.
std::optional<std::string_view> Match(std::string_view pattern, std::string_view path) {
  const std::size_t at = pattern.find('{');
  if (at == std::string_view::npos) {
    return pattern == path ? std::optional<std::string_view>("") : std::nullopt;
  }
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= at + tail.size() || !path.starts_with(pattern.substr(0, at)) ||
      !path.ends_with(tail)) {
    return std::nullopt;
  }
  const std::string_view value = path.substr(at, path.size() - at - tail.size());
  const bool whole = pattern.substr(at) == kWholePath;
  if (value.find_first_of(whole ? ":%" : "/:%") != std::string_view::npos) return std::nullopt;
  return value;
}

struct Address {
  std::string_view provider;  // kSharedProvider at the root
  std::string_view path;      // within the provider
};

ApiError NotFound() { return {404, "NotFound", "there is no such resource", {}}; }

tl::expected<Address, ApiError> AddressOf(std::string_view path) {
  if (!path.starts_with(kProviders)) return Address{kSharedProvider, path};
  const std::string_view rest = path.substr(kProviders.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !IsProviderName(rest.substr(0, slash))) {
    return tl::unexpected(NotFound());
  }
  return Address{rest.substr(0, slash), rest.substr(slash)};
}

HttpResponse TooMany(std::chrono::seconds wait) {
  HttpResponse out = ToResponse({429,
                                 "TooManyRequests",
                                 "this provider answers no more requests in this minute; ask again "
                                 "in " +
                                     std::to_string(wait.count()) + " s",
                                 {}});
  out.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return out;
}

// The gate is asked before it is known whether there is such a provider: whoever may not manage one
// does not learn that from the answer.
HttpResponse Answer(const Site& site, const Entry& entry, const Address& address,
                    std::string_view parameter, const HttpRequest& request,
                    access::Principal* who) {
  auto allowed = site.gate(address.provider, entry.action, request);
  if (!allowed) return RefusalResponse(allowed.error());
  if (who != nullptr) *who = *allowed;
  const auto act = [&](AttestService& service, ProviderHost* providers) {
    HttpResponse answer = entry.resource({request, service, address.provider, providers,
                                          site.machines, parameter, *allowed, site.ledger});
    if (!entry.record) return answer;
    return RecordAct(DecisionsOf(site.ledger), *entry.record, *allowed, request,
                     Completed(std::move(answer)));
  };
  if (address.provider == kSharedProvider) return act(site.shared, nullptr);
  if (site.providers == nullptr) return ToResponse(NotFound());
  const auto service = site.providers->Find(address.provider);
  if (!service) {
    return ToResponse({500, "InternalError", "this provider cannot answer: see the log", {}});
  }
  if (*service == nullptr) return ToResponse(NotFound());
  const bool first_time = request.waited.count() == 0;
  if (entry.action == Action::kAttest && first_time) {
    const auto wait = site.providers->Overrun(address.provider, std::chrono::steady_clock::now());
    if (wait) return TooMany(*wait);
  }
  // The service is there until the answer is, also if its provider is deleted meanwhile.
  return WhenThere(act(**service, site.providers),
                   [held = *service](HttpResponse answer) { return answer; });
}

bool IsOffered(const Site& site, Scope scope, std::string_view provider) {
  switch (scope) {
    case Scope::kProvider: return true;
    case Scope::kMachines: return site.machines != nullptr;
    case Scope::kService: return provider == kSharedProvider;
    case Scope::kLedger: return provider == kSharedProvider && site.ledger != nullptr;
  }
  return false;
}

HttpResponse Dispatch(const Site& site, const HttpRequest& request, access::Principal* who) {
  const auto address = AddressOf(request.path);
  if (!address) return ToResponse(address.error());
  if (site.keys != nullptr && address->provider == kSharedProvider && IsKeyPath(address->path)) {
    return RouteKeys(*site.keys, site.gate, request, who);
  }
  if (site.azure_ledger != nullptr && address->provider == kSharedProvider &&
      IsAzureLedgerPath(address->path)) {
    return RouteAzureLedger(*site.azure_ledger, site.gate, request, who);
  }
  std::string allowed;
  for (const Entry& entry : kRoutes) {
    if (!IsOffered(site, entry.scope, address->provider)) continue;
    const auto parameter = Match(entry.path, address->path);
    if (!parameter) continue;
    if (entry.method == request.method) {
      return Answer(site, entry, *address, *parameter, request, who);
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(entry.method);
  }
  if (allowed.empty()) return ToResponse(NotFound());
  HttpResponse out = ToResponse({405, "MethodNotAllowed", "expected " + allowed, {}});
  out.headers.emplace_back("Allow", allowed);
  return out;
}

Result<std::shared_ptr<AttestService>> CustomService(const Site& site, std::string_view provider) {
  if (site.providers == nullptr) return nullptr;
  return site.providers->Find(provider);
}

// Whether a machine of that service may answer that challenge now.
bool IsAwaited(MachineService& machines, const AttestService& service, std::string_view id,
               std::string_view nonce) {
  monitor::Fleet& fleet = machines.FleetOf(service);
  const auto challenge = Base64UrlDecode(nonce);
  if (!challenge || !fleet.Get(id)) return false;
  return machines.challenges().Look(ChallengeSubject(fleet, id), *challenge, machines.now()) ==
         monitor::ChallengeState::kFresh;
}

HttpResponse Counted(const Site& site, const HttpRequest& request,
                     std::chrono::steady_clock::time_point start, HttpResponse response) {
  if (response.again_in.count() != 0) return response;  // no answer yet
  // In the form of a W3C trace parent, as Azure Attestation writes it.
  const Result<Bytes> id = RandomBytes(16);
  if (id) {
    response.headers.emplace_back("x-ms-request-id",
                                  "00-" + HexEncode(*id) + "-0000000000000000-00");
  }
  response.headers.emplace_back("x-ms-maa-service-version", "assay");
  const std::string_view client_id = request.Header("x-ms-client-request-id");
  if (!client_id.empty()) {
    response.headers.emplace_back("x-ms-client-request-id", std::string(client_id));
  }
  site.shared.metrics().CountRequest(response.status,
                                     std::chrono::duration_cast<std::chrono::microseconds>(
                                         std::chrono::steady_clock::now() - start));
  return response;
}

}  // namespace

HttpResponse Route(const Site& site, const HttpRequest& request, access::Principal* who) {
  return Completed(BeginRoute(site, request, who));
}

HttpResponse BeginRoute(const Site& site, const HttpRequest& request, access::Principal* who) {
  const auto start = std::chrono::steady_clock::now();
  return WhenThere(Dispatch(site, request, who), [&site, &request, start](HttpResponse response) {
    return Counted(site, request, start, std::move(response));
  });
}

std::uint64_t LargeBodyBytes(const Site& site, const HttpRequest& head) {
  const auto address = AddressOf(head.path);
  if (!address || site.machines == nullptr || head.method != "POST") return 0;
  auto id = Match("/machines/{machine}:attest", address->path);
  if (!id) id = Match("/machines/{machine}:certify", address->path);
  if (!id || !site.gate(address->provider, Action::kAttest, head)) return 0;
  const std::string_view nonce = head.Parameter("nonce");
  if (address->provider == kSharedProvider) {
    return IsAwaited(*site.machines, site.shared, *id, nonce) ? limits::kEvidenceBytes : 0;
  }
  const auto service = CustomService(site, address->provider);
  if (!service || *service == nullptr) return 0;
  return IsAwaited(*site.machines, **service, *id, nonce) ? limits::kEvidenceBytes : 0;
}

HttpResponse Route(AttestService& service, const HttpRequest& request) {
  return Route(Site{service, nullptr, GateWithoutIdentities(false)}, request);
}

}  // namespace assay
