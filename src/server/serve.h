// `assay serve`: the attestation service as a process.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/policy_set.h"
#include "base/result.h"
#include "base/time.h"
#include "collateral/pieces.h"
#include "crypto/certificate.h"
#include "evidence/collateral.h"
#include "keys/vault.h"
#include "server/ledger_publisher.h"
#include "server/service_keys.h"
#include "server/state_dir.h"
#include "tee/core/scheme.h"

namespace assay {

// Whether the service's own evidence goes on the record (server/own_evidence.h).
enum class OwnEvidence {
  kWherePossible,  // without it the service warns
  kRequired,       // without it the service does not start
  kNever,
};

struct ServeOptions {
  std::string listen_address = "127.0.0.1";
  std::uint16_t port = 8443;
  Collateral collateral;  // for all evidence
  std::string store;      // collateral by need; empty: none
  bool fetch = false;     // what the store lacks
  Hosts hosts;
  std::string host_ca;  // PEM of the CA to trust for those hosts
  // Asked again on SIGHUP; without it SIGHUP reloads the TLS certificate only.
  std::function<Result<Collateral>()> reload_collateral;
  // At start, where an error ends it, and again on SIGHUP, where an error keeps what is in force.
  // Without it the defaults hold.
  std::function<Result<PolicySet>()> load_policies;
  std::string state_dir;                    // keys and certificates; created 0700 at first start
  std::string public_url;                   // the issuer of tokens; empty: https://localhost:PORT
  std::string tls_cert_file, tls_key_file;  // both or neither; neither: made in state_dir
  TokenAlgorithm token_algorithm = TokenAlgorithm::kRs256;
  std::string access_file;                // who may do what; empty: attesting only, by everybody
  bool insecure_open_management = false;  // everybody may manage: for a machine of one's own
  bool allow_core_dumps = false;          // with what is in memory: to look for a fault
  // Machines (server/service_machines.h).
  std::chrono::seconds machine_interval{60};
  bool approve_at_once = false;
  bool trust_on_first_use = false;
  std::vector<CertificatePtr> tpm_roots;  // of TPM vendors, besides those built in
  std::string webhook_url, webhook_secret_file, webhook_ca;
  // The key vault (server/service_keys.h).
  KekOptions kek;  // not wanted: there is no vault
  keys::VaultOptions vault;
  LedgerPublisherOptions witnesses;  // of the ledger
  bool ledger = true;                // decisions are put on the record before they are answered
  OwnEvidence own_evidence = OwnEvidence::kWherePossible;
  // For clients of Azure Confidential Ledger (server/service_azure_ledger.h).
  std::string ledger_id;                    // by which they know it; empty: the host's name
  bool ledger_client_certificates = false;  // they are asked for, whoever issued them
  std::string recovery_officers_file;       // who may recover keys together; empty: nobody
  bool allow_missing_crl = false;
  bool allow_debug = false;
  std::optional<Time> at;  // judges all evidence as of then: for demonstrations with old evidence
  std::optional<TrustedRoots> simulated_roots;  // instead of the vendors' own: never in production
};

// Runs until SIGTERM or SIGINT; the exit status of the process.
int Serve(const ServeOptions& options);

}  // namespace assay
