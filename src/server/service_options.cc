#include "server/service_options.h"

#include <fmt/format.h>

#include "base/json.h"
#include "release/policy.h"
#include "server/process.h"
#include "tee/core/roots.h"

namespace assay {
namespace {

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

}  // namespace

std::string IssuerOf(const ServeOptions& options) {
  std::string url = options.public_url.empty() ? fmt::format("https://localhost:{}", options.port)
                                               : options.public_url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string IssuerOfProvider(const std::string& service_issuer, const Provider& provider) {
  return service_issuer + "/providers/" + provider.name;
}

AttestServiceOptions AttestOptionsOf(const ServeOptions& options, const std::string& issuer) {
  AttestServiceOptions out;
  out.issuer = issuer;
  out.clock = SystemNow;
  out.evidence_clock = SystemNow;
  if (options.at) out.evidence_clock = [at = *options.at] { return at; };
  out.allow_missing_crl = options.allow_missing_crl;
  out.allow_debug = options.allow_debug;
  return out;
}

ServiceCollateralOptions CollateralOptionsOf(const ServeOptions& options) {
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

ServiceMachinesOptions MachinesOptionsOf(const ServeOptions& options, ServiceLedger* ledger) {
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

ServiceKeysOptions KeysOptionsOf(const ServeOptions& options, const std::string& issuer) {
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
  return out;
}

AzureLedgerOptions AzureLedgerOptionsOf(const ServeOptions& options, const std::string& issuer) {
  AzureLedgerOptions out;
  out.state_dir = options.state_dir;
  out.id = options.ledger_id.empty() ? HostOf(issuer) : options.ledger_id;
  out.tls_certificates = options.tls_cert_file;
  out.clock = SystemNow;
  out.report = [](const std::string& message) { Log("ledger_failed", {{"error", message}}); };
  return out;
}

}  // namespace assay
