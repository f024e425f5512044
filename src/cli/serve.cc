#include "server/serve.h"

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/key.h"
#include "cli/policy.h"
#include "cli/sources.h"

namespace assay::cli {

namespace {

// Open only in words.
Result<void> CheckAccess(const Options& options) {
  const bool open = options.insecure_open_attestation || options.insecure_open_management;
  if (options.access.empty() && !open) {
    return Fail(ErrorCode::kInvalidArgument, "who may use the service is not said",
                "--access FILE says who may attest and who may manage; on a machine of your own, "
                "--insecure-open-attestation lets everybody attest");
  }
  if (!options.access.empty() && options.insecure_open_attestation) {
    return Fail(ErrorCode::kInvalidArgument,
                "--access and --insecure-open-attestation exclude each other",
                "the access file has \"attest\": \"open\" for each provider");
  }
  return {};
}

Result<std::vector<CertificatePtr>> LoadTpmRoots(const Options& options) {
  std::vector<CertificatePtr> out;
  for (const std::string& path : options.tpm_roots) {
    const Bytes pem = TRY(ReadFile(path, limits::kCollateralFileBytes));
    for (CertificatePtr& one : TRY(CertificatesFromPem(AsText(pem)))) out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Result<int> RunServe(const Options& options) {
  ServeOptions serve;
  serve.listen_address = options.address;
  if (options.port > 0xFFFF) return Fail(ErrorCode::kInvalidArgument, "--port is above 65535");
  serve.port = static_cast<std::uint16_t>(options.port);
  if (options.collateral.empty() && options.store.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "no collateral: --store DIR or --collateral DIR is needed",
                "`assay serve --store DIR --fetch` starts with an empty store and fills it");
  }
  TRY_VOID(CheckAccess(options));
  serve.collateral = TRY(LoadCollateral(options.collateral));
  serve.store = options.store;
  serve.fetch = options.fetch;
  serve.hosts = TRY(HostsOf(options));
  serve.host_ca = options.host_ca;
  serve.reload_collateral = [path = options.collateral] { return LoadCollateral(path); };
  serve.load_policies = [given = options.policies] { return LoadPolicySet(given); };
  serve.state_dir = options.state_dir;
  if (options.token_alg == "ES256") serve.token_algorithm = TokenAlgorithm::kEs256;
  serve.public_url = options.public_url;
  serve.tls_cert_file = options.tls_certificate;
  serve.tls_key_file = options.tls_key;
  serve.access_file = options.access;
  serve.insecure_open_management = options.insecure_open_management;
  serve.allow_core_dumps = options.allow_core_dumps;
  serve.machine_interval = std::chrono::seconds(options.interval);
  serve.approve_at_once = options.approve_at_once;
  serve.trust_on_first_use = options.trust_on_first_use;
  serve.tpm_roots = TRY(LoadTpmRoots(options));
  serve.webhook_url = options.webhook;
  serve.webhook_secret_file = options.webhook_secret;
  serve.webhook_ca = options.webhook_ca;
  serve.kek = KekOptionsOf(options);
  serve.vault.retention_days = options.key_retention_days;
  serve.vault.allow_rsa1_5 = options.allow_rsa1_5;
  serve.recovery_officers_file = options.officers;
  serve.ledger = !options.without_ledger;
  if (options.own_evidence == "required") serve.own_evidence = OwnEvidence::kRequired;
  if (options.own_evidence == "never") serve.own_evidence = OwnEvidence::kNever;
  if (options.without_ledger && options.own_evidence == "required") {
    return Fail(ErrorCode::kInvalidArgument,
                "--own-evidence required goes on the record: it excludes --without-ledger");
  }
  serve.ledger_id = options.ledger_id;
  serve.ledger_client_certificates = options.ledger_client_certificates;
  for (const std::string& one : options.witnesses) {
    serve.witnesses.witnesses.push_back(TRY(ParseWitnessAddress(one)));
  }
  serve.witnesses.quorum = options.quorum;
  serve.witnesses.ca_file = options.witness_ca;
  if (!options.trust_roots.empty()) serve.simulated_roots = TRY(RootsOf(options));
  serve.allow_missing_crl = options.allow_missing_crl;
  if (!options.at.empty()) serve.at = TRY(TimeOf(options));
  return Serve(serve);
}

}  // namespace assay::cli
