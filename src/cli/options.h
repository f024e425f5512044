// What the command line asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/measure.h"

namespace assay::cli {

// Exit codes, documented in README.md and `assay --help`.
inline constexpr int kExitTrusted = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitNotJudged = 2;

struct Options {
  std::string command;      // "verify", "explain", "inspect", "collateral export", "serve", …
  std::string file;         // the evidence, or what the command reads
  std::string kind;         // --type: "sgx", "tdx", "snp", "tpm"; empty: detect
  std::string collateral;   // --collateral DIR
  std::string at;           // --at TIME; empty: now
  std::string report_data;  // --report-data HEX
  std::string nonce;        // --nonce FILE: its SHA-256 is expected at the start of REPORT_DATA
  std::string event_log;    // --event-log FILE
  std::vector<std::string> trust_roots;  // --trust-root FILE
  std::string out;                       // --out
  bool allow_missing_crl = false;
  bool allow_debug = false;
  std::vector<std::string> enrolled_aks;  // --enrolled-ak NAME
  bool allow_sha1 = false;
  bool allow_secure_boot_off = false;
  bool json = false;
  // simulate
  std::string fault;
  bool list_faults = false;
  std::string runtime_data;  // file
  // collateral by need
  std::string store;                  // --store DIR
  bool fetch = false;                 // --fetch: from the network what the store lacks
  std::string pcs, pccs, kds;         // URLs in place of the vendors' own
  std::string host_ca;                // --host-ca FILE: trust this CA of those hosts
  std::string fmspc, ca;              // needs without evidence: Intel
  std::string product, chip_id, tcb;  // and AMD
  bool tdx = false;
  std::vector<std::string> files;  // evidence whose collateral to fetch
  // policy
  std::string evidence;    // --evidence FILE
  std::string recorded;    // --recorded SHA256: of evidence that a provider recorded
  std::string claims;      // --claims FILE
  std::string other;       // the policy to compare with
  std::string expression;  // JMESPath
  // serve
  std::string address = "127.0.0.1";
  std::string public_url;
  std::string state_dir = "assay-state";
  std::string tls_certificate, tls_key;
  unsigned port = 8443;
  std::string token_alg = "RS256";
  std::vector<std::string> policies;  // --policy TYPE=FILE
  std::string access;                 // --access FILE
  bool insecure_open_attestation = false;
  bool insecure_open_management = false;
  bool allow_core_dumps = false;  // --allow-core-dumps
  // token
  std::string issuer_key;  // --issuer-key FILE; empty: made in --state
  std::string issuer = "urn:assay:local";
  std::string subject, role, audience;
  unsigned minutes = 60;
  unsigned lead_minutes = 24 * 60;
  bool compromised = false;
  // keys
  std::string key_passphrase_file;                  // --key-passphrase-file FILE
  std::string hsm_module, hsm_token, hsm_pin_file;  // --key-hsm-module LIBRARY ...
  std::string key_tpm;                              // --key-tpm TCTI
  std::string key_tpm_pcrs = "7";                   // --key-tpm-pcrs 7,11
  std::string kek_to;                               // --to KIND
  std::string key_name, key_version;                // NAME, --version ID
  std::string key_type = "RSA";                     // --kty
  std::string key_curve = "P-256";                  // --curve
  unsigned key_size = 0;                            // --size BITS; 0: as the API has it
  std::vector<std::string> key_ops;                 // --ops sign,verify
  std::string release_policy;                       // --release-policy FILE
  int key_retention_days = 90;                      // --key-retention-days N
  bool allow_rsa1_5 = false;                        // --allow-rsa1-5
  std::string officers;                             // --recovery-officers FILE
  std::string officer, officer_key;                 // --officer NAME --signing-key PEM
  // ledger
  std::string log_key;                      // --key VKEY|FILE
  std::string seen;                         // --seen FILE
  bool without_ledger = false;              // --without-ledger
  std::string own_evidence = "auto";        // --own-evidence auto|required|never
  std::string signers, receipt;             // --signers FILE --receipt FILE
  bool full = false;                        // --full
  std::string url;                          // --url URL
  std::string witness_name;                 // --name NAME
  std::vector<std::string> logs;            // --log VKEY|FILE
  std::vector<std::string> witnesses;       // --witness VKEY, or "VKEY URL"
  unsigned quorum = 0;                      // --quorum N; 0: all of them
  std::string witness_ca;                   // --witness-ca FILE
  std::string service_certificate;          // --service-certificate PEM
  std::string ledger_id;                    // --ledger-id NAME
  bool ledger_client_certificates = false;  // --ledger-client-certificates
  // machines
  std::string machine;                   // its id
  std::string machine_state;             // --machine-state
  std::vector<std::string> machine_dns;  // --dns
  std::string release;                   // --release NAME
  std::string reason;                    // --reason TEXT
  unsigned interval = 60;                // --interval SECONDS
  unsigned within = 60;                  // --within SECONDS
  bool wait = false;                     // --wait
  bool approve_at_once = false;
  bool trust_on_first_use = false;
  std::vector<std::string> tpm_roots;               // --tpm-root FILE
  std::string webhook, webhook_secret, webhook_ca;  // --webhook URL ...
  // provider
  std::string provider;  // its name
  std::string model = "aad";
  std::vector<std::string> certificates;  // --certificate FILE
  int requests_per_minute = 0;            // --requests-per-minute
  int record_days = 0;                    // --record-days
  int days = 7;                           // --days
  MeasureOptions measure;
};

// The options; or the text to print and the exit code, when there is nothing to run (--help, a
// mistake in the arguments).
struct Printed {
  int exit_code = 0;
};
std::optional<Options> ParseOptions(int argc, char** argv, Printed& printed);

}  // namespace assay::cli
