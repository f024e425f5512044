#include "cli/ledger_options.h"

#include <CLI/CLI.hpp>

#include "cli/verify_options.h"
#include "cli/witness_options.h"

namespace assay::cli {
namespace {

constexpr const char* kVerifyFooter = R"(Examples:
  assay ledger verify proof.json --key ledger.vkey       an entry, by the proof its owner was given
  assay ledger verify proof.json --key ledger.vkey --witness w1.vkey
                                    and others than the ledger vouch that it has no other history
  assay ledger verify ./ledger-tree --key ledger.vkey    a whole tree, recomputed from its entries
  assay ledger verify ./ledger-tree --key ledger.vkey --witness w1.vkey --witness w2.vkey --quorum 1
  assay ledger verify receipt.json --service-certificate ledger.pem
                                    a write receipt of Azure Confidential Ledger, or of this service
                                    by the same interface, with the ledgerTlsCertificate of its
                                    identity
Needs no network and no trust in whoever keeps the ledger: only the verifier key or the service
certificate, which must come from elsewhere. Exit codes: 0 verified, 1 refused, 2 could not be judged.)";

constexpr const char* kExportFooter = R"(Example:
  assay ledger export --state assay-state --out ./ledger-tree
  assay ledger export --url https://attest.example/ledger --key ledger.vkey --out ./ledger-tree
Writes checkpoint, tiles and entry bundles (C2SP tlog-tiles): what any web server can publish and
`assay ledger audit` follows. Entries are leaves, which commit to the decisions; the decisions
themselves stay in the state folder, encrypted. Prints the verifier key to hand out.)";

constexpr const char* kAuditFooter = R"(Example:
  assay ledger audit ./ledger-tree --key ledger.vkey --seen last-checkpoint
  assay ledger audit https://attest.example/ledger --key ledger.vkey --seen last-checkpoint \
    --witness w1.vkey --witness w2.vkey
Of a URL it fetches the few tiles that prove that the tree continues the one of the last audit.
Of a folder, and with --full, it recomputes the tree from its entries. Either is compared with the
signed checkpoint and with the one of the last audit in --seen, and the new one is kept there. A
ledger that was rewritten, forked or put back to an older state is named so. Exit codes: 0 it continues what was seen, 1 it does not, 2 could not
be judged.)";

constexpr const char* kTokenFooter = R"(Example:
  curl --cacert ca.pem https://attest.example/ledger/signers > signers.json
  curl --cacert ca.pem https://attest.example/ledger/receipts/41 > receipt.json     # x-assay-ledger
  assay ledger token token.jwt --signers signers.json --receipt receipt.json --key ledger.vkey
A token whose key was never put on the record, or whose decision was not, is refused: so is one of a
key that was stolen and used elsewhere. Needs no network and no trust in the service. Exit codes:
0 verified, 1 refused, 2 could not be judged.)";

constexpr const char* kServiceFooter = R"(Example:
  curl --cacert ca.pem https://attest.example/ledger/service > service.json
  assay ledger service service.json --key ledger.vkey --store ./store --fetch
Verifies that the entry is in the ledger, that the processor's report is genuine, and that it binds
the ledger's key, the digests of the program and of its configuration, and a checkpoint. Compare the
digest of the program with `sha256sum` of one you built, and the launch measurement with `assay
measure`. Exit codes: 0 verified, 1 refused, 2 could not be judged.)";

CLI::Option* AddKeyAndJson(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "Print JSON");
  return command.add_option("--key", options.log_key,
                            "The ledger's verifier key, NAME+KEYID+BASE64, or a file with it");
}

void AddLedgerToken(CLI::App& ledger, Options& options) {
  CLI::App* token = ledger.add_subcommand("token", "Is a token on the record, and its key?");
  token->footer(kTokenFooter);
  token->add_option("TOKEN", options.file, "File with the token; - for standard input")->required();
  token->add_option("--signers", options.signers, "What GET /ledger/signers answered")->required();
  token->add_option("--receipt", options.receipt, "What GET /ledger/receipts/INDEX answered")
      ->required();
  AddKeyAndJson(*token, options)->required();
}

void AddLedgerService(CLI::App& ledger, Options& options) {
  CLI::App* service = ledger.add_subcommand("service", "What does the service itself run in?");
  service->footer(kServiceFooter);
  service->add_option("PROOF", options.file, "What GET /ledger/service answered")->required();
  service
      ->add_option("--key", options.log_key,
                   "The ledger's verifier key, NAME+KEYID+BASE64, or a file with it")
      ->required();
  AddVerifyOptions(*service, options);
}

void AddLedgerVerify(CLI::App& ledger, Options& options) {
  CLI::App* verify = ledger.add_subcommand("verify", "Verify an entry's proof, or a whole tree");
  verify->footer(kVerifyFooter);
  verify->add_option("PATH", options.file, "Proof of an entry, or folder or URL of a tree")
      ->required();
  verify->add_option("--host-ca", options.host_ca, "PEM of the CA to trust for a URL's TLS");
  AddQuorum(*verify, options);
  CLI::Option_group* trusted = verify->add_option_group("Trust", "Whom to trust: one of");
  CLI::Option* const key = AddKeyAndJson(*verify, options);
  CLI::Option* const service =
      verify->add_option("--service-certificate", options.service_certificate,
                         "For a write receipt: the ledger's service certificate, PEM");
  trusted->add_options(key, service);
  trusted->require_option(1);
}

void AddLedgerExport(CLI::App& ledger, Options& options) {
  CLI::App* to_files = ledger.add_subcommand("export", "Write the tree as static files");
  to_files->footer(kExportFooter);
  to_files->add_option("--state", options.state_dir, "State folder of the service")
      ->capture_default_str();
  to_files->add_option("--out", options.out, "The folder to write to")->required();
  auto* key = to_files->add_option("--key", options.log_key, "Verifier key of the tree at --url");
  auto* url = to_files->add_option("--url", options.url, "A tree that is published, in its place");
  url->needs(key);
  to_files->add_option("--host-ca", options.host_ca, "PEM of the CA to trust for --url")
      ->needs(url);
  to_files->add_flag("--json", options.json, "Print JSON");
}

void AddLedgerAudit(CLI::App& ledger, Options& options) {
  CLI::App* audit = ledger.add_subcommand("audit", "Follow a tree from what was seen before");
  audit->footer(kAuditFooter);
  audit->add_option("DIR", options.file, "Folder of a tree, or its https:// URL")->required();
  audit->add_flag("--full", options.full, "Recompute the tree of a URL from all of its entries");
  audit->add_option("--host-ca", options.host_ca, "PEM of the CA to trust for the URL's TLS");
  AddQuorum(*audit, options);
  audit->add_option("--seen", options.seen, "File with the checkpoint of the last audit");
  AddKeyAndJson(*audit, options)->required();
}

}  // namespace

void AddLedger(CLI::App& app, Options& options) {
  CLI::App* ledger = app.add_subcommand("ledger", "The record of every decision, checked offline");
  ledger->require_subcommand(1);
  ledger->footer("`assay ledger COMMAND --help` has examples. What is proven: docs/ledger.md.");
  AddLedgerVerify(*ledger, options);
  AddLedgerExport(*ledger, options);
  AddLedgerAudit(*ledger, options);
  AddLedgerToken(*ledger, options);
  AddLedgerService(*ledger, options);
}

}  // namespace assay::cli
