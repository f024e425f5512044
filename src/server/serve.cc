#include "server/serve.h"

#include <fmt/core.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "api/router.h"
#include "base/json.h"
#include "base/limits.h"
#include "provider/evidence_book.h"
#include "release/policy.h"
#include "server/answer_signer.h"
#include "server/process.h"
#include "server/process_memory.h"
#include "server/service_access.h"
#include "server/service_azure_ledger.h"
#include "server/service_collateral.h"
#include "server/service_config.h"
#include "server/service_keys.h"
#include "server/service_ledger.h"
#include "server/service_machines.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"
#include "tee/core/roots.h"

namespace assay {
namespace {

// Commits that travel together in one disk flush (store/group_store.h); with a ledger, which each
// decision waits for, more.
constexpr unsigned kWaitingForDisk = 16, kWaitingForLedger = 64;

std::string IssuerOf(const ServeOptions& options) {
  std::string url = options.public_url.empty() ? fmt::format("https://localhost:{}", options.port)
                                               : options.public_url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

HttpResponse Handle(const Site& site, const HttpRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  access::Principal who;
  HttpResponse response = Route(site, request, &who);
  if (response.again_in.count() != 0) return response;  // no answer yet
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  json::Object fields{{"method", request.method},
                      {"path", request.path},
                      {"status", response.status},
                      {"took_us", std::int64_t{took.count()}}};
  for (const auto& [name, value] : response.headers) {
    if (name == "x-ms-request-id") fields.emplace_back("request_id", value);
    if (name == "x-ms-error-code") fields.emplace_back("error_code", value);
  }
  if (!who.subject.empty()) {
    fields.emplace_back("subject", who.subject);
    if (!who.issuer.empty()) fields.emplace_back("subject_issuer", who.issuer);
  }
  Log("request", std::move(fields));
  return response;
}

std::string IssuerOfProvider(const std::string& service_issuer, const Provider& provider) {
  return service_issuer + "/providers/" + provider.name;
}

// Opened, and on the record before one of them signs.
Result<std::shared_ptr<const KeyRing>> OpenIntroducedKeys(const ServeOptions& options,
                                                          const std::string& folder,
                                                          const std::string& issuer,
                                                          ServiceLedger* ledger) {
  auto keys = TRY(
      OpenTokenKeys(folder, issuer, options.token_algorithm, SystemNow() - std::chrono::hours(1)));
  if (ledger != nullptr) {
    TRY_VOID(ledger->service().Introduce(issuer, keys->PublishedAt(SystemNow())));
  }
  return keys;
}

// What rotations left in the state folder and in those of the providers.
void ReloadKeys(const ServeOptions& options, AttestService& service, ProviderHost& providers,
                ServiceLedger* ledger) {
  auto fresh = OpenIntroducedKeys(options, options.state_dir, service.issuer(), ledger);
  Log("reload_token_keys",
      {{"ok", fresh.has_value()}, {"error", fresh ? "" : fresh.error().message}});
  if (fresh) service.SetKeys(std::move(*fresh));
  const std::size_t reloaded = providers.ReloadKeys([&](const Provider& provider) {
    return OpenIntroducedKeys(options, ProviderFolder(options.state_dir, provider),
                              IssuerOfProvider(service.issuer(), provider), ledger);
  });
  Log("reload_provider_keys", {{"providers", std::uint64_t{reloaded}}});
}

// A set with a broken policy changes nothing.
void ReloadPolicies(const ServeOptions& options, AttestService& service) {
  if (!options.load_policies) return;
  Result<PolicySet> fresh = options.load_policies();
  Log("reload_policies", {{"ok", fresh.has_value()},
                          {"error", fresh ? "" : fresh.error().message},
                          {"in_force", (fresh ? *fresh : *service.policies()).Hashes()}});
  if (fresh) service.SetPolicies(std::move(*fresh));
}

void Reload(const ServeOptions& options, ServiceCollateral& collateral, HttpServer& server,
            AttestService& service, ProviderHost& providers, ServiceAccess& access,
            ServiceLedger* ledger) {
  ReloadPolicies(options, service);
  ReloadKeys(options, service, providers, ledger);
  const Result<void> rules = access.Reload();
  Log("reload_access", {{"ok", rules.has_value()}, {"error", rules ? "" : rules.error().message}});
  const Result<void> tls = server.ReloadTls();
  Log("reload_tls", {{"ok", tls.has_value()}, {"error", tls ? "" : tls.error().message}});
  if (ledger != nullptr) {
    const auto told = ledger->Configured(
        "reload", ConfigurationOf(options, service.issuer(), *service.policies()));
    Log("reload_recorded", {{"ok", told.has_value()}});
  }
  if (!options.reload_collateral) return;
  Result<Collateral> fresh = options.reload_collateral();
  Log("reload_collateral",
      {{"ok", fresh.has_value()}, {"error", fresh ? "" : fresh.error().message}});
  if (fresh) collateral.Reload(std::move(*fresh));
}

void RunUntilStopped(const ServeOptions& options, const sigset_t& signals,
                     ServiceCollateral& collateral, ServiceMachines& machines, ServiceKeys* keys,
                     HttpServer& server, AttestService& service, ProviderHost& providers,
                     ServiceAccess& access, ServiceLedger* ledger) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal != SIGHUP) break;
    Reload(options, collateral, server, service, providers, access, ledger);
  }
  Log("stopping", {{"signal", signal}});
  machines.Stop();
  if (keys != nullptr) keys->Stop();
  if (ledger != nullptr) ledger->Stop();
  collateral.Stop();
  server.Stop();
  Log("stopped", {});
}

AttestServiceOptions ServiceOptions(const ServeOptions& options, const std::string& issuer) {
  AttestServiceOptions out;
  out.issuer = issuer;
  out.clock = SystemNow;
  out.evidence_clock = SystemNow;
  if (options.at) out.evidence_clock = [at = *options.at] { return at; };
  out.allow_missing_crl = options.allow_missing_crl;
  out.allow_debug = options.allow_debug;
  return out;
}

// Keys, issuer and policies are the provider's own; how evidence is judged is the service's.
ServiceMaker MakeProviders(const ServeOptions& options, const AttestServiceOptions& shared,
                           Appraiser& appraiser, CollateralSource& source, EvidenceBook& book,
                           ServiceLedger* ledger) {
  return [&options, shared, &appraiser, &source, &book,
          ledger](const Provider& provider) -> Result<std::shared_ptr<AttestService>> {
    AttestServiceOptions own = shared;
    own.issuer = IssuerOfProvider(shared.issuer, provider);
    own.fleet = provider.id;
    const ServiceState state =
        TRY(OpenStateDir(ProviderFolder(options.state_dir, provider), own.issuer, {}, false,
                         options.token_algorithm, SystemNow()));
    if (ledger != nullptr) TRY_VOID(ledger->service().Introduce(own.issuer, state.signers));
    if (provider.record_days > 0) {
      own.record = [&book, provider](policy::AttestationType type, std::string_view body) {
        const auto done = book.Record(provider, {type, std::string(body), SystemNow()});
        if (!done) {
          Log("evidence_not_recorded",
              {{"provider", provider.name}, {"error", done.error().message}});
        }
      };
    }
    return std::make_shared<AttestService>(appraiser, source, state.keys, std::move(own));
  };
}

ServiceCollateralOptions CollateralOptions(const ServeOptions& options) {
  ServiceCollateralOptions out;
  out.store = options.store;
  out.fetch = options.fetch;
  out.hosts = options.hosts;
  out.roots = options.simulated_roots.value_or(DefaultRoots());
  out.host_ca = options.host_ca;
  out.clock = out.evidence_clock = SystemNow;
  if (options.at) out.evidence_clock = [at = *options.at] { return at; };
  out.after_refresh = [](std::size_t failed) {
    if (failed > 0) Log("collateral_refresh", {{"not_renewed", std::uint64_t{failed}}});
  };
  return out;
}

// What the monitor finds out by itself; what machines and people ask for is recorded where it is
// answered.
void RecordSilence(const monitor::Change& change, ServiceLedger* ledger) {
  if (ledger == nullptr || change.event.what != "unreachable") return;
  ledger::Record record;
  record.kind = ledger::RecordKind::kDrift;
  record.subject = "machine " + change.machine.id;
  record.detail = json::Write(json::Object{{"fleet", change.fleet}, {"code", change.event.what}});
  // A failure is in the log; the machine stays unreachable without it.
  (void)ledger->service().decisions().Write(std::move(record));
}

ServiceMachinesOptions MachinesOptions(const ServeOptions& options, ServiceLedger* ledger) {
  ServiceMachinesOptions out;
  out.state_dir = options.state_dir;
  out.machines.clock = SystemNow;
  out.machines.fleet.interval = options.machine_interval;
  out.machines.fleet.approve_at_once = options.approve_at_once;
  const TrustedRoots roots = options.simulated_roots.value_or(DefaultRoots());
  out.machines.enrolment = {roots, options.trust_on_first_use, options.allow_missing_crl};
  // Those that nobody else issued are trusted; the others help to find the way to them.
  auto collateral = std::make_shared<Collateral>(options.collateral);
  for (const CertificatePtr& one : options.tpm_roots) {
    collateral->certificates.push_back(one);
    if (!one->IssuedBy(*one)) continue;
    out.machines.enrolment.roots.tpm_vendors.push_back(one->key().SpkiDigest());
  }
  out.machines.collateral = std::move(collateral);
  out.machines.fleet.on_change = [ledger](const monitor::Change& change) {
    RecordSilence(change, ledger);
    Log("machine", {{"fleet", change.fleet},
                    {"machine", change.machine.id},
                    {"what", change.event.what},
                    {"text", change.event.text}});
  };
  out.webhook_url = options.webhook_url;
  out.webhook_secret_file = options.webhook_secret_file;
  out.webhook_ca = options.webhook_ca;
  out.log = Log;
  return out;
}

// Null where nothing is put on the record.
Result<std::unique_ptr<ServiceLedger>> OpenLedger(const ServeOptions& options,
                                                  const std::string& issuer) {
  if (!options.ledger) return nullptr;
  return ServiceLedger::Open(
      {options.state_dir, HostOf(issuer) + "/ledger", SystemNow, Log, options.witnesses});
}

// Null where there is no ledger.
Result<std::unique_ptr<ServiceAzureLedger>> OpenAzureLedger(const ServeOptions& options,
                                                            const std::string& issuer,
                                                            ServiceLedger* ledger) {
  if (ledger == nullptr) return nullptr;
  AzureLedgerOptions out;
  out.state_dir = options.state_dir;
  out.id = options.ledger_id.empty() ? HostOf(issuer) : options.ledger_id;
  out.tls_certificates = options.tls_cert_file;
  out.clock = SystemNow;
  out.report = [](const std::string& message) { Log("ledger_failed", {{"error", message}}); };
  return ServiceAzureLedger::Open(std::move(out), ledger->service().ledger());
}

// How the service runs, and the keys that its tokens are checked with.
Result<void> Introduce(const ServeOptions& options, ServiceLedger* ledger,
                       const AttestService& service) {
  if (ledger == nullptr) return {};
  TRY_VOID(
      ledger->Configured("start", ConfigurationOf(options, service.issuer(), *service.policies())));
  return ledger->service().Introduce(service.issuer(), service.PublishedSigners());
}

// Null without a vault.
Result<std::unique_ptr<ServiceKeys>> OpenKeys(const ServeOptions& options,
                                              const std::string& issuer) {
  if (!options.kek.wanted()) return nullptr;
  ServiceKeysOptions out;
  out.state_dir = options.state_dir;
  out.kek = options.kek;
  out.url = issuer;
  out.vault = options.vault;
  out.officers_file = options.recovery_officers_file;
  out.vault.check_release_policy = [](const keys::ReleasePolicy& policy) {
    return release::ParseReleasePolicy(AsText(policy.data)).map([](const auto&) {});
  };
  out.clock = SystemNow;
  out.log = Log;
  return ServiceKeys::Open(std::move(out));
}

// Null without a vault. What it asks outlives it.
Result<std::unique_ptr<KeyReleases>> OpenReleases(const ServeOptions& options, const Site& site,
                                                  ServiceKeys* keys, ServiceAccess& access) {
  if (keys == nullptr) return nullptr;
  release::AnswerSigner signer =
      TRY(OpenAnswerSigner(options.state_dir, HostOf(options.public_url), SystemNow()));
  auto out =
      std::make_unique<KeyReleases>(site.shared, site.providers, site.machines, keys->store(),
                                    SystemNow, std::move(signer), access.release_rules());
  keys->service().releases = out.get();
  access.Tell(*out);
  return out;
}

void Announce(const ServeOptions& options, const std::string& issuer, const ServiceState& state,
              const ServiceAccess& access) {
  fmt::print("Assay attestation service: {}\n", issuer);
  if (!state.ca_file.empty()) fmt::print("CA certificate for clients: {}\n", state.ca_file);
  for (const std::string& line : access.Summary()) fmt::print("{}\n", line);
  if (options.kek.wanted()) fmt::print("Key vault: {}\n", issuer);
  if (!options.ledger) fmt::print("warning: decisions are not put on the record\n");
  if (options.at) fmt::print("warning: evidence is judged as of {}\n", FormatTime(*options.at));
  if (options.simulated_roots) {
    fmt::print("warning: simulated roots are trusted; tokens of this service prove nothing\n");
  }
  std::fflush(stdout);
}

}  // namespace

int Serve(const ServeOptions& options) {
  SetUpLog();
  const Result<ProcessMemory> memory =
      ProtectMemory(limits::kSecretArenaBytes, options.allow_core_dumps);
  if (!memory) return Complain(memory.error());
  if (options.tls_cert_file.empty() != options.tls_key_file.empty()) {
    return Complain({ErrorCode::kInvalidArgument, "TLS certificate and key: only one was given",
                     "give both files, or neither to have them made"});
  }
  Result<PolicySet> policies =
      options.load_policies ? options.load_policies() : PolicySet::Make({});
  if (!policies) return Complain(policies.error());
  Result<std::unique_ptr<ServiceAccess>> opened =
      ServiceAccess::Open({options.access_file, options.insecure_open_management, SystemNow},
                          access::NetworkKeySources());
  if (!opened) return Complain(opened.error());
  const std::unique_ptr<ServiceAccess> access = std::move(*opened);
  const sigset_t signals = BlockSignals();

  const std::string issuer = IssuerOf(options);
  Result<ServiceState> state =
      OpenStateDir(options.state_dir, issuer, HostOf(options.public_url),
                   options.tls_cert_file.empty(), options.token_algorithm, SystemNow());
  if (!state) return Complain(state.error());
  const Result<std::unique_ptr<store::Store>> store =
      store::OpenSqliteStore(ProviderStoreFile(options.state_dir));
  if (!store) return Complain(store.error());
  const Result<std::unique_ptr<store::Store>> evidence =
      store::OpenSqliteStore(EvidenceStoreFile(options.state_dir));
  if (!evidence) return Complain(evidence.error());

  const Result<std::unique_ptr<ServiceLedger>> ledger = OpenLedger(options, issuer);
  if (!ledger) return Complain(ledger.error());
  const Result<std::unique_ptr<ServiceAzureLedger>> azure_ledger =
      OpenAzureLedger(options, issuer, ledger->get());
  if (!azure_ledger) return Complain(azure_ledger.error());
  const Result<std::unique_ptr<ServiceMachines>> machines =
      ServiceMachines::Open(MachinesOptions(options, ledger->get()));
  if (!machines) return Complain(machines.error());
  const Result<std::unique_ptr<ServiceKeys>> keys = OpenKeys(options, issuer);
  if (!keys) return Complain(keys.error());
  Appraiser appraiser(options.simulated_roots.value_or(DefaultRoots()));
  ServiceCollateral collateral(CollateralOptions(options), options.collateral);
  AttestServiceOptions service_options = ServiceOptions(options, issuer);
  service_options.metrics = std::make_shared<Metrics>();
  LedgerService* const record = *ledger ? &(*ledger)->service() : nullptr;
  service_options.decisions = DecisionsOf(record);
  if (*keys) (*keys)->service().decisions = DecisionsOf(record);
  EvidenceBook recorded(**evidence);
  ProviderHost providers(
      **store,
      MakeProviders(options, service_options, appraiser, collateral.source(), recorded,
                    ledger->get()),
      [](std::string_view provider, const Error& error) {
        Log("provider_failed", {{"provider", provider}, {"error", error.message}});
      });
  service_options.collateral_metrics = [&collateral] { return collateral.MetricsText(); };
  AttestService service(appraiser, collateral.source(), state->keys, std::move(service_options));
  const Site site{service,
                  &providers,
                  access->AsGate(),
                  &(*machines)->service(),
                  *keys ? &(*keys)->service() : nullptr,
                  record,
                  *azure_ledger ? &(*azure_ledger)->service() : nullptr};
  const auto releases = OpenReleases(options, site, keys->get(), *access);
  if (!releases) return Complain(releases.error());
  Log("memory", {{"secrets_locked", memory->locked}, {"core_dumps", !memory->no_dumps}});
  Log("policies", {{"in_force", policies->Hashes()}});
  service.SetPolicies(std::move(*policies));
  const Result<void> introduced = Introduce(options, ledger->get(), service);
  if (!introduced) return Complain(introduced.error());
  HttpServerOptions http;
  http.address = options.listen_address;
  http.port = options.port;
  // As many more as may wait for other hosts, or for the disk, at a time.
  const auto more = static_cast<unsigned>(collateral.waiting_threads() + access->waiting_threads());
  http.workers = std::max(1U, std::thread::hardware_concurrency()) + kWaitingForDisk +
                 (*ledger ? kWaitingForLedger : 0U) + more;
  http.certificate_file =
      options.tls_cert_file.empty() ? state->tls_cert_file : options.tls_cert_file;
  http.key_file = options.tls_key_file.empty() ? state->tls_key_file : options.tls_key_file;
  http.client_ca_file = access->client_ca();
  http.ask_for_any_certificate = options.ledger_client_certificates;
  http.large_body_bytes = [&site](const HttpRequest& head) { return LargeBodyBytes(site, head); };
  auto server = HttpServer::Start(
      http, [&site](const HttpRequest& request) { return Handle(site, request); });
  if (!server) return Complain(server.error());
  Announce(options, issuer, *state, *access);
  Log("ready", {{"url", issuer}, {"port", int{(*server)->port()}}});
  (*machines)->Start();
  if (*keys) (*keys)->Start();
  if (*ledger) (*ledger)->Start();
  RunUntilStopped(options, signals, collateral, **machines, keys->get(), **server, service,
                  providers, *access, ledger->get());
  return 0;
}

}  // namespace assay
