#include "cli/verify_options.h"

#include <CLI/CLI.hpp>

namespace assay::cli {

void AddHosts(CLI::App& command, Options& options) {
  auto* pcs = command.add_option("--pcs", options.pcs, "Intel's service, or another in its place");
  command.add_option("--pccs", options.pccs, "A PCCS, in place of Intel's services")->excludes(pcs);
  command.add_option("--kds", options.kds, "AMD's service, or another in its place");
  command.add_option("--host-ca", options.host_ca, "PEM of the CA to trust for these hosts' TLS");
}

void AddStore(CLI::App& command, Options& options) {
  auto* store = command.add_option("--store", options.store,
                                   "Collateral store: takes from it what the evidence needs");
  command.add_flag("--fetch", options.fetch, "Fetch what the store lacks, and keep it there")
      ->needs(store);
  AddHosts(command, options);
}

void AddVerifyOptions(CLI::App& command, Options& options) {
  command.add_option("--type", options.kind,
                     "sgx, tdx, snp, tpm, azure or vbs; detected when not given");
  command.add_option("--collateral", options.collateral,
                     "Folder or bundle with certificates, CRLs, TCB info, QE identity");
  AddStore(command, options);
  command.add_option("--at", options.at,
                     "Judge as of this time (2025-06-04T09:25:11Z); default now");
  command.add_option("--report-data", options.report_data,
                     "REPORT_DATA must be these bytes (hex), then zeros; a TPM's challenge");
  command.add_option("--nonce", options.nonce,
                     "REPORT_DATA must be the SHA-256 of this file, then zeros");
  command.add_option("--event-log", options.event_log,
                     "CC event log (CCEL) to replay to the RTMRs");
  command.add_option("--trust-root", options.trust_roots,
                     "Trust this root certificate instead of the vendors' (tests, simulations)");
  command.add_flag("--allow-missing-crl", options.allow_missing_crl,
                   "Waive revocation data that is absent; never data that fails");
  command.add_flag("--allow-debug", options.allow_debug, "Accept debug enclaves and guests");
  command.add_option("--enrolled-ak", options.enrolled_aks,
                     "TPM: trust the attestation key of this name (hex) and no other");
  command.add_flag("--allow-sha1", options.allow_sha1, "TPM: accept a bank or signature of SHA-1");
  command.add_flag("--allow-secure-boot-off", options.allow_secure_boot_off,
                   "TPM: accept a machine whose log says so");
  command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace assay::cli
