#include "server/running_service.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/json.h"
#include "server/answer_signer.h"
#include "server/own_evidence.h"
#include "server/process.h"
#include "server/service_config.h"
#include "server/service_options.h"
#include "store/sqlite/sqlite_store.h"
#include "tee/core/roots.h"

namespace assay {
namespace {

// Commits that travel together in one disk flush (store/group_store.h); with a ledger, in which
// acts and denials are awaited, more. Attestations hold no worker while they wait (api/attest.cc).
constexpr unsigned kWaitingForDisk = 16, kWaitingForLedger = 16;

void LogAnswer(const HttpRequest& request, const access::Principal& who,
               std::chrono::steady_clock::time_point start, const HttpResponse& response) {
  if (response.again_in.count() != 0) return;  // no answer yet
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
}

HttpResponse Handle(const Site& site, const HttpRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  access::Principal who;
  HttpResponse begun = BeginRoute(site, request, &who);
  return WhenThere(std::move(begun), [&request, who, start](HttpResponse response) {
    LogAnswer(request, who, start, response);
    return response;
  });
}

void LogReload(std::string_view event, const Result<void>& done) {
  Log(event, {{"ok", done.has_value()}, {"error", done ? "" : done.error().message}});
}

}  // namespace

RunningService::RunningService(const ServeOptions& options)
    : options_(options),
      issuer_(IssuerOf(options)),
      appraiser_(options.simulated_roots.value_or(DefaultRoots())),
      collateral_(CollateralOptionsOf(options), options.collateral) {}

// Whoever waits for somebody is told first.
RunningService::~RunningService() {
  if (machines_) machines_->Stop();
  if (keys_) keys_->Stop();
  if (ledger_) ledger_->Stop();
  collateral_.Stop();
  if (server_) server_->Stop();
  if (ledger_) ledger_->service().ledger().GatherWhile(nullptr);
}

Result<std::unique_ptr<RunningService>> RunningService::Open(const ServeOptions& options) {
  std::unique_ptr<RunningService> out(new RunningService(options));
  TRY_VOID(out->OpenParts());
  TRY_VOID(out->OpenService());
  TRY_VOID(out->Listen());
  return out;
}

Result<void> RunningService::OpenParts() {
  access_ =
      TRY(ServiceAccess::Open({options_.access_file, options_.insecure_open_management, SystemNow},
                              access::NetworkKeySources()));
  state_ = TRY(OpenStateDir(options_.state_dir, issuer_, HostOf(options_.public_url),
                            options_.tls_cert_file.empty(), options_.token_algorithm, SystemNow()));
  provider_store_ = TRY(store::OpenSqliteStore(ProviderStoreFile(options_.state_dir)));
  evidence_store_ = TRY(store::OpenSqliteStore(EvidenceStoreFile(options_.state_dir)));
  evidence_.emplace(*evidence_store_);
  if (options_.ledger) {
    ledger_ = TRY(ServiceLedger::Open(
        {options_.state_dir, HostOf(issuer_) + "/ledger", SystemNow, Log, options_.witnesses}));
    azure_ledger_ = TRY(ServiceAzureLedger::Open(AzureLedgerOptionsOf(options_, issuer_),
                                                 ledger_->service().ledger()));
  }
  machines_ = TRY(ServiceMachines::Open(MachinesOptionsOf(options_, ledger_.get())));
  if (options_.kek.wanted()) keys_ = TRY(ServiceKeys::Open(KeysOptionsOf(options_, issuer_)));
  if (keys_) keys_->service().decisions = DecisionsOf(record());
  return {};
}

Result<void> RunningService::OpenService() {
  PolicySet policies = TRY(options_.load_policies ? options_.load_policies() : PolicySet::Make({}));
  Log("policies", {{"in_force", policies.Hashes()}});
  shared_ = AttestOptionsOf(options_, issuer_);
  shared_.metrics = std::make_shared<Metrics>();
  shared_.decisions = DecisionsOf(record());
  providers_.emplace(
      *provider_store_, [this](const Provider& provider) { return MakeProvider(provider); },
      [](std::string_view provider, const Error& error) {
        Log("provider_failed", {{"provider", provider}, {"error", error.message}});
      });
  AttestServiceOptions own = shared_;
  own.collateral_metrics = [this] { return collateral_.MetricsText(); };
  service_ = std::make_unique<AttestService>(appraiser_, collateral_.source(), state_.keys,
                                             std::move(own));
  service_->SetPolicies(std::move(policies));
  site_.emplace(Site{*service_, &*providers_, access_->AsGate(), &machines_->service(),
                     keys_ ? &keys_->service() : nullptr, record(),
                     azure_ledger_ ? &azure_ledger_->service() : nullptr});
  releases_ = TRY(OpenReleases());
  return Introduce();
}

Result<void> RunningService::Listen() {
  HttpServerOptions http;
  http.address = options_.listen_address;
  http.port = options_.port;
  // As many more as may wait for other hosts, or for the disk, at a time.
  const auto more =
      static_cast<unsigned>(collateral_.waiting_threads() + access_->waiting_threads());
  http.workers = std::max(1U, std::thread::hardware_concurrency()) + kWaitingForDisk +
                 (ledger_ ? kWaitingForLedger : 0U) + more;
  const bool given = !options_.tls_cert_file.empty();
  http.certificate_file = given ? options_.tls_cert_file : state_.tls_cert_file;
  http.key_file = given ? options_.tls_key_file : state_.tls_key_file;
  http.client_ca_file = access_->client_ca();
  http.ask_for_any_certificate = options_.ledger_client_certificates;
  http.large_body_bytes = [this](const HttpRequest& head) { return LargeBodyBytes(*site_, head); };
  if (ledger_) http.when_free = [&ledger = ledger_->service().ledger()] { ledger.Hurry(); };
  server_ = TRY(HttpServer::Start(
      http, [this](const HttpRequest& request) { return Handle(*site_, request); }));
  if (ledger_) {
    ledger_->service().ledger().GatherWhile([server = server_.get()] { return server->busy(); });
  }
  machines_->Start();
  if (keys_) keys_->Start();
  if (ledger_) ledger_->Start();
  return {};
}

Result<std::unique_ptr<KeyReleases>> RunningService::OpenReleases() {
  if (!keys_) return nullptr;
  release::AnswerSigner signer =
      TRY(OpenAnswerSigner(options_.state_dir, HostOf(options_.public_url), SystemNow()));
  auto out =
      std::make_unique<KeyReleases>(*service_, &*providers_, &machines_->service(), keys_->store(),
                                    SystemNow, std::move(signer), access_->release_rules());
  keys_->service().releases = out.get();
  access_->Tell(*out);
  return out;
}

Result<std::shared_ptr<const KeyRing>> RunningService::OpenTokenKeysOf(const std::string& folder,
                                                                       const std::string& issuer) {
  auto keys = TRY(
      OpenTokenKeys(folder, issuer, options_.token_algorithm, SystemNow() - std::chrono::hours(1)));
  if (ledger_) TRY_VOID(record()->Introduce(issuer, keys->PublishedAt(SystemNow())));
  return keys;
}

// Keys, issuer and policies are the provider's own; how evidence is judged is the service's.
Result<std::shared_ptr<AttestService>> RunningService::MakeProvider(const Provider& provider) {
  AttestServiceOptions own = shared_;
  own.issuer = IssuerOfProvider(issuer_, provider);
  own.fleet = provider.id;
  const ServiceState state =
      TRY(OpenStateDir(ProviderFolder(options_.state_dir, provider), own.issuer, {}, false,
                       options_.token_algorithm, SystemNow()));
  if (ledger_) TRY_VOID(record()->Introduce(own.issuer, state.signers));
  if (provider.record_days > 0) {
    own.record = [this, provider](policy::AttestationType type, std::string_view body) {
      const auto done = evidence_->Record(provider, {type, std::string(body), SystemNow()});
      if (done) return;
      Log("evidence_not_recorded", {{"provider", provider.name}, {"error", done.error().message}});
    };
  }
  return std::make_shared<AttestService>(appraiser_, collateral_.source(), state.keys,
                                         std::move(own));
}

Result<void> RunningService::Introduce() {
  if (!ledger_) return {};
  TRY_VOID(ledger_->Configured("start", ConfigurationOf(options_, issuer_, *service_->policies())));
  TRY_VOID(record()->Introduce(issuer_, service_->PublishedSigners()));
  return ShowOwnEvidence();
}

// Not being able to is a reason not to start only for whoever asked for it: as another user than
// root a service cannot read the report.
Result<void> RunningService::ShowOwnEvidence() {
  if (options_.own_evidence == OwnEvidence::kNever) return {};
  const bool required = options_.own_evidence == OwnEvidence::kRequired;
  const auto index = RecordOwnEvidence(*record(), OwnReportOf(TsmTree().root));
  if (!index) {
    Log("own_evidence_failed", {{"error", index.error().message}});
    return required ? tl::unexpected(index.error()) : Result<void>();
  }
  if (*index || !required) return {};
  return Fail(ErrorCode::kUnsupported,
              "--own-evidence required: this machine is no confidential guest whose kernel reports "
              "it (configfs-tsm)",
              "start the service in an SEV-SNP or TDX guest with Linux 6.7 or later");
}

void RunningService::Announce() const {
  fmt::print("Assay attestation service: {}\n", issuer_);
  if (!state_.ca_file.empty()) fmt::print("CA certificate for clients: {}\n", state_.ca_file);
  for (const std::string& line : access_->Summary()) fmt::print("{}\n", line);
  if (keys_) fmt::print("Key vault: {}\n", issuer_);
  if (!ledger_) fmt::print("warning: decisions are not put on the record\n");
  if (const auto index = ledger_ ? record()->own_evidence() : std::nullopt) {
    fmt::print("Own evidence: entry {} of the ledger, {}/ledger/service\n", *index, issuer_);
  }
  if (options_.at) fmt::print("warning: evidence is judged as of {}\n", FormatTime(*options_.at));
  if (options_.simulated_roots) {
    fmt::print("warning: simulated roots are trusted; tokens of this service prove nothing\n");
  }
  std::fflush(stdout);
  Log("ready", {{"url", issuer_}, {"port", int{server_->port()}}});
}

// A set with a broken policy changes nothing.
void RunningService::ReloadPolicies() {
  if (!options_.load_policies) return;
  Result<PolicySet> fresh = options_.load_policies();
  Log("reload_policies", {{"ok", fresh.has_value()},
                          {"error", fresh ? "" : fresh.error().message},
                          {"in_force", (fresh ? *fresh : *service_->policies()).Hashes()}});
  if (fresh) service_->SetPolicies(std::move(*fresh));
}

// What rotations left in the state folder and in those of the providers.
void RunningService::ReloadKeys() {
  auto fresh = OpenTokenKeysOf(options_.state_dir, issuer_);
  LogReload("reload_token_keys", fresh.map([](const auto&) {}));
  if (fresh) service_->SetKeys(std::move(*fresh));
  const std::size_t reloaded = providers_->ReloadKeys([this](const Provider& provider) {
    return OpenTokenKeysOf(ProviderFolder(options_.state_dir, provider),
                           IssuerOfProvider(issuer_, provider));
  });
  Log("reload_provider_keys", {{"providers", std::uint64_t{reloaded}}});
}

void RunningService::Reload() {
  ReloadPolicies();
  ReloadKeys();
  LogReload("reload_access", access_->Reload());
  LogReload("reload_tls", server_->ReloadTls());
  if (ledger_) {
    LogReload(
        "reload_recorded",
        ledger_->Configured("reload", ConfigurationOf(options_, issuer_, *service_->policies())));
    LogReload("reload_own_evidence", ShowOwnEvidence());
  }
  if (!options_.reload_collateral) return;
  Result<Collateral> fresh = options_.reload_collateral();
  LogReload("reload_collateral", fresh.map([](const auto&) {}));
  if (fresh) collateral_.Reload(std::move(*fresh));
}

}  // namespace assay
