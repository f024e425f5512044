#include "cli/options.h"

#include <CLI/CLI.hpp>

#include "cli/fleet_options.h"
#include "cli/key_options.h"
#include "cli/ledger_options.h"
#include "cli/verify_options.h"
#include "cli/witness_options.h"

namespace assay::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  assay verify quote.bin --collateral ./collateral
  assay verify report.bin --collateral ./certs --at 2025-06-20T00:00:00Z --allow-missing-crl
  assay explain quote.bin --collateral ./collateral      every check, with what was expected and found
  assay inspect quote.bin                                decode without judging
  assay verify quote.bin --store ./store --fetch         fetch what the quote needs
  assay policy eval policy.txt --evidence quote.bin --collateral ./collateral
  assay serve --store ./store --fetch --access FILE      the Azure Attestation API
  assay fleet list                                       the machines it watches

Exit codes: 0 trusted, 1 refused, 2 could not be judged.)";

void AddEvidenceOptions(CLI::App& command, Options& options) {
  command
      .add_option("FILE", options.file,
                  "Evidence: SGX or TDX quote, SEV-SNP report, OE report, TPM quote with logs")
      ->required();
  AddVerifyOptions(command, options);
}

void AddInspect(CLI::App& app, Options& options) {
  CLI::App* inspect = app.add_subcommand("inspect", "Decode evidence without judging it");
  inspect->add_option("FILE", options.file, "Evidence, or a CC event log")->required();
  inspect->add_option("--type", options.kind,
                      "sgx, tdx, snp, tpm, azure or vbs; detected when not given");
  inspect->add_flag("--json", options.json, "Print JSON");
}

constexpr const char* kFetchFooter = R"(Examples:
  assay collateral fetch quote.bin report.bin --store ./store
  assay collateral fetch --fmspc 00606A000000 --ca platform --tdx --store ./store
  assay collateral fetch --product Milan --chip-id HEX --tcb 04000000000018db --store ./store
  assay collateral fetch --product Milan --store ./store      chain and CRL alone
  assay collateral fetch quote.bin --store ./store --pccs https://pccs.example:8081)";

void AddCollateralFetch(CLI::App& collateral, Options& options) {
  CLI::App* fetch =
      collateral.add_subcommand("fetch", "Fetch what evidence, or a named platform, needs");
  fetch->footer(kFetchFooter);
  fetch->add_option("FILE", options.files, "Evidence");
  fetch->add_option("--store", options.store, "The store to keep it in")->required();
  auto* fmspc = fetch->add_option("--fmspc", options.fmspc, "Intel platform: 12 hex digits");
  fetch->add_option("--ca", options.ca, "processor or platform; both when not given")->needs(fmspc);
  fetch->add_flag("--tdx", options.tdx, "For TDX instead of SGX")->needs(fmspc);
  auto* product = fetch->add_option("--product", options.product, "AMD: Milan, Genoa or Turin");
  auto* chip = fetch->add_option("--chip-id", options.chip_id, "CHIP_ID, hex")->needs(product);
  fetch->add_option("--tcb", options.tcb, "REPORTED_TCB, 16 hex digits as in `assay inspect`")
      ->needs(chip);
  fetch->add_option("--type", options.kind, "Of the evidence; detected when not given");
  fetch->add_option("--at", options.at, "As of this time; default now");
  fetch->add_option("--trust-root", options.trust_roots,
                    "Trust this root certificate instead of the vendors' (tests, simulations)");
  fetch->add_flag("--json", options.json, "Print JSON");
  AddHosts(*fetch, options);
}

void AddCollateralNeeds(CLI::App& collateral, Options& options) {
  CLI::App* needs = collateral.add_subcommand(
      "needs", "What evidence needs, and where it is published: to fetch it by hand");
  needs->footer(
      "Examples:\n  assay collateral needs quote.bin\n"
      "  assay collateral needs quote.bin --pccs https://pccs.example:8081 --json");
  needs->add_option("FILE", options.file, "Evidence")->required();
  needs->add_option("--type", options.kind, "Of the evidence; detected when not given");
  needs->add_flag("--json", options.json, "Print JSON");
  AddHosts(*needs, options);
}

void AddCollateralList(CLI::App& collateral, Options& options) {
  CLI::App* list = collateral.add_subcommand("list", "What a store, folder or bundle holds");
  list->footer(
      "Examples:\n  assay collateral list ./store\n"
      "  assay collateral list offline.json --at 2026-01-01T00:00:00Z");
  list->add_option("PATH", options.file, "Store, folder or bundle")->required();
  list->add_option("--at", options.at, "Valid or not as of this time; default now");
  list->add_flag("--json", options.json, "Print JSON");
}

void AddCollateralBundles(CLI::App& collateral, Options& options) {
  CLI::App* to_bundle =
      collateral.add_subcommand("export", "Write a store or folder as one offline bundle");
  to_bundle->footer("Example:\n  assay collateral export ./store --out offline.json");
  to_bundle->add_option("DIR", options.file, "Store or folder")->required();
  to_bundle->add_option("--out", options.out, "The bundle to write")->required();
  to_bundle->add_flag("--json", options.json, "Print JSON");
  CLI::App* from_bundle =
      collateral.add_subcommand("import", "Put a bundle or folder into a store or folder");
  from_bundle->footer(
      "Examples:\n  assay collateral import offline.json --store ./store\n"
      "  assay collateral import offline.json --out ./collateral");
  from_bundle->add_option("PATH", options.file, "Bundle, store or folder")->required();
  auto* out = from_bundle->add_option("--out", options.out, "The folder to write to");
  from_bundle->add_option("--store", options.store, "The store to put it in")->excludes(out);
  from_bundle->add_option("--at", options.at, "When a folder was fetched; default now");
  from_bundle->add_flag("--json", options.json, "Print JSON");
}

void AddCollateral(CLI::App& app, Options& options) {
  CLI::App* collateral =
      app.add_subcommand("collateral", "Fetch, list, export and import collateral");
  collateral->require_subcommand(1);
  AddCollateralFetch(*collateral, options);
  AddCollateralNeeds(*collateral, options);
  AddCollateralList(*collateral, options);
  AddCollateralBundles(*collateral, options);
}

constexpr const char* kTestFooter = R"(A case is a file NAME.json:
  {"policy": "policy.txt", "type": "sgx", "claims": {"x-ms-sgx-svn": 3},
   "expect": {"permitted": true, "issued": {"svn": 3}, "rule": 4}}
"policy" is a path beside the case, a text, or left out for the default of "type".
In place of "claims": "evidence", "collateral", "at", "trustRoot", "reportData",
"allowMissingCrl", "allowDebug". "issued" and "rule" (its line) may be left out.

Example:
  assay policy test ./policy-tests        exit code 0 when every case passes)";

void AddPolicyCheck(CLI::App& policy, Options& options) {
  CLI::App* check = policy.add_subcommand("check", "Does it compile, and is it likely meant so?");
  check->footer(
      "Examples:\n  assay policy check policy.txt\n  assay policy check policy.txt --type sgx\n"
      "Exit codes: 0 clean or warnings only, 1 errors, 2 unreadable.");
  check->add_option("FILE", options.file, "Policy")->required();
  check->add_option("--type", options.kind,
                    "Hold it to the claims of sgx, openenclave, tdx, snp, azureguest, tpm or vbs");
  check->add_flag("--json", options.json, "Print JSON");
}

void AddPolicyEval(CLI::App& policy, Options& options) {
  CLI::App* eval = policy.add_subcommand("eval", "What it decides, and why");
  eval->footer(
      "Examples:\n  assay policy eval policy.txt --claims claims.json\n"
      "  assay policy eval policy.txt --evidence quote.bin --collateral ./collateral\n"
      "  assay policy eval policy.txt --provider team-a --recorded e9f0aa... --store ./store\n"
      "Claims are {\"x-ms-sgx-svn\": 3} or [{\"type\", \"value\", \"issuer\"}].\n"
      "Exit codes: 0 permitted, 1 denied, 2 could not be judged.");
  eval->add_option("FILE", options.file, "Policy")->required();
  auto* claims = eval->add_option("--claims", options.claims, "JSON of the claims");
  eval->add_option("--evidence", options.evidence, "Evidence to take the claims of")
      ->excludes(claims);
  auto* recorded = eval->add_option("--recorded", options.recorded,
                                    "SHA-256 of evidence that a provider recorded");
  eval->add_option("--provider", options.provider, "That provider")->needs(recorded);
  eval->add_option("--state", options.state_dir, "State folder of the service")->needs(recorded);
  eval->add_option("--days", options.days, "How far back")->check(CLI::Range(1, 90));
  AddVerifyOptions(*eval, options);
}

constexpr const char* kImpactFooter = R"(Example:
  assay policy impact new.txt --provider team-a --type sgx --days 14 --store ./store
Evidence is verified anew, as of now or --at. The provider records it if it was created with
--record-days. Exit codes: 0 nobody loses access, 1 somebody does, 2 could not be judged.)";

void AddPolicyImpact(CLI::App& policy, Options& options) {
  CLI::App* impact = policy.add_subcommand(
      "impact", "Who would lose access: a policy on the evidence that a provider recorded");
  impact->footer(kImpactFooter);
  impact->add_option("FILE", options.file, "The policy to try")->required();
  impact->add_option("--provider", options.provider, "Whose evidence")->required();
  impact->add_option("--days", options.days, "How far back")
      ->check(CLI::Range(1, 90))
      ->capture_default_str();
  impact->add_option("--state", options.state_dir, "State folder of the service")
      ->capture_default_str();
  AddVerifyOptions(*impact, options);
  impact->get_option("--type")->required();
}

void AddPolicy(CLI::App& app, Options& options) {
  CLI::App* policy = app.add_subcommand("policy", "Check, evaluate, test and compare policies");
  policy->require_subcommand(1);
  policy->footer("`assay policy COMMAND --help` has examples. The language: docs/policy.md.");
  AddPolicyCheck(*policy, options);
  AddPolicyEval(*policy, options);
  AddPolicyImpact(*policy, options);
  CLI::App* test = policy->add_subcommand("test", "Run a folder of cases");
  test->footer(kTestFooter);
  test->add_option("DIR", options.file, "Folder of *.json")->required();
  test->add_flag("--json", options.json, "Print JSON");
  CLI::App* query = policy->add_subcommand("query", "JMESPath on the JSON of standard input");
  query->footer(
      "Example:\n  assay verify quote.bin --collateral ./c --json | "
      "assay policy query 'checks[?outcome==`fail`].name'");
  query->add_option("EXPR", options.expression, "JMESPath, as in JmesPath() of policies")
      ->required();
  CLI::App* diff = policy->add_subcommand("diff", "What changed in meaning between two policies");
  diff->footer(
      "Example:\n  assay policy diff old.txt new.txt\n"
      "Exit codes: 0 the same, 1 different, 2 unreadable.");
  diff->add_option("A", options.file, "Before")->required();
  diff->add_option("B", options.other, "After")->required();
  diff->add_flag("--json", options.json, "Print JSON");
}

constexpr const char* kProviderFooter = R"(Examples:
  assay provider create team-a
  assay provider create bank --model isolated --certificate signer.pem
  assay provider show bank
A running service sees the change at the next request. The provider answers under
PUBLIC_URL/providers/NAME, which is also the issuer of its tokens.)";

void AddProvider(CLI::App& app, Options& options) {
  CLI::App* provider =
      app.add_subcommand("provider", "Attestation providers with policies and keys of their own");
  provider->require_subcommand(1);
  provider->footer(kProviderFooter);
  CLI::App* create = provider->add_subcommand("create", "Make one");
  create
      ->add_option("--model", options.model,
                   "aad: policies signed or not; isolated: signed by a certificate of its list")
      ->capture_default_str();
  create->add_option("--certificate", options.certificates,
                     "PEM of those who may sign policies; isolated only, repeatable");
  create
      ->add_option("--requests-per-minute", options.requests_per_minute,
                   "Answer so many attestations a minute and refuse the rest; 0: answer all")
      ->check(CLI::Range(0, 1'000'000));
  create->add_option("--record-days", options.record_days,
                     "Keep evidence for so many days, for `assay policy impact`; 0: none");
  CLI::App* list = provider->add_subcommand("list", "Name all");
  CLI::App* show = provider->add_subcommand("show", "Its policies, their history and signers");
  CLI::App* erase = provider->add_subcommand("delete", "With its keys, policies and history");
  for (CLI::App* one : {create, show, erase}) {
    one->add_option("NAME", options.provider, "Lower-case letters, digits, hyphens")->required();
  }
  for (CLI::App* one : {create, list, show, erase}) {
    one->add_option("--state", options.state_dir, "State folder of the service")
        ->capture_default_str();
    one->add_flag("--json", options.json, "Print JSON");
  }
}

void AddServe(CLI::App& app, Options& options) {
  CLI::App* serve = app.add_subcommand("serve", "Answer the Azure Attestation API over HTTPS");
  serve->footer(
      "Examples:\n  assay serve --store ./store --fetch --insecure-open-attestation\n"
      "  assay serve --collateral ./collateral --access access.json --policy sgx=policy.txt\n"
      "  assay serve --store ./store --fetch --access access.json\n"
      "SIGHUP reads policies, access rules, collateral and the TLS certificate again; what is "
      "broken is logged "
      "and "
      "not taken.");
  serve->add_option("--collateral", options.collateral, "Folder or bundle, for all evidence");
  AddStore(*serve, options);
  serve->add_option("--insecure-simulated-root", options.trust_roots,
                    "Trust this root certificate instead of the vendors': for trying out with "
                    "simulated evidence; the tokens prove nothing");
  serve->add_option("--address", options.address, "Address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "Port")->capture_default_str();
  serve->add_option("--state", options.state_dir, "Folder for keys")->capture_default_str();
  serve->add_option("--token-alg", options.token_alg, "How tokens are signed: RS256 or ES256")
      ->check(CLI::IsMember({"RS256", "ES256"}))
      ->capture_default_str();
  serve->add_option("--policy", options.policies,
                    "TYPE=FILE: the policy of sgx, openenclave, tdx or snp, for its default");
  serve->add_option("--access", options.access,
                    "Who may do what (docs/operations.md); without it everybody may attest and "
                    "nobody may manage");
  serve->add_flag(
      "--insecure-open-attestation", options.insecure_open_attestation,
      "Without --access: everybody may send evidence and get tokens, nobody may manage");
  serve->add_flag("--insecure-open-management", options.insecure_open_management,
                  "Everybody may change policies and certificates: only on a machine of your own");
  serve->add_flag("--allow-core-dumps", options.allow_core_dumps,
                  "Let a core dump hold this process's memory, keys included: to look for a fault");
  serve->add_flag("--without-ledger", options.without_ledger,
                  "Put no decision on the record (docs/ledger.md)");
  serve
      ->add_option("--own-evidence", options.own_evidence,
                   "Put the service's own hardware report on the record: auto (where it runs in a "
                   "confidential guest), required, never")
      ->check(CLI::IsMember({"auto", "required", "never"}));
  serve->add_option("--ledger-id", options.ledger_id,
                    "By which clients of Azure Confidential Ledger ask for the ledger's identity; "
                    "without it the host of the URL");
  serve->add_flag(
      "--ledger-client-certificates", options.ledger_client_certificates,
      "Ask TLS clients for a certificate of whatever issuer: users of the ledger may be "
      "known by one");
  serve->add_option("--public-url", options.public_url, "URL that clients use; the token issuer");
  serve->add_option("--tls-cert", options.tls_certificate, "PEM chain, instead of a self-made one");
  serve->add_option("--tls-key", options.tls_key, "PEM key of --tls-cert");
  serve->add_option("--at", options.at,
                    "Judge evidence as of this time (demonstrations on old evidence)");
  serve->add_flag("--allow-missing-crl", options.allow_missing_crl, "Waive absent revocation data");
  AddServeMachines(*serve, options);
  AddServeKeys(*serve, options);
  AddServeWitnesses(*serve, options);
}

void AddTokenIssue(CLI::App& token, Options& options) {
  CLI::App* issue = token.add_subcommand("issue", "Sign a token for development and CI");
  issue->footer(
      "Example:\n"
      "  assay token issue --state assay-state --subject ci --role contributor \\\n"
      "    --audience https://localhost:8443 --minutes 30\n"
      "The issuer is a key in the state folder, made at first use. A service believes it when its\n"
      "--access FILE names the issuer urn:assay:local with \"jwks\": "
      "\"assay-state/issuer.jwks.json\"\n"
      "and grants the role to the claim \"roles\". Never for production.");
  issue->add_option("--state", options.state_dir, "Folder of the issuer's key")
      ->capture_default_str();
  issue->add_option("--issuer-key", options.issuer_key, "PEM key, in place of the state folder's");
  issue->add_option("--issuer", options.issuer, "Its name: iss")->capture_default_str();
  issue->add_option("--subject", options.subject, "Who it is for: sub")->required();
  issue
      ->add_option("--role", options.role,
                   "reader, contributor, admin, key-reader, crypto-user, crypto-officer, "
                   "crypto-release-user, ledger-reader, ledger-contributor or "
                   "ledger-administrator")
      ->required();
  issue->add_option("--audience", options.audience, "The service's URL: aud")->required();
  issue->add_option("--minutes", options.minutes, "How long it is valid, at most 1440")
      ->capture_default_str();
  issue->add_flag("--json", options.json, "Print JSON");
}

void AddToken(CLI::App& app, Options& options) {
  CLI::App* token = app.add_subcommand("token", "Access tokens, and the keys that sign tokens");
  token->require_subcommand(1);
  token->footer("`assay token COMMAND --help` has examples.");
  AddTokenIssue(*token, options);
  CLI::App* inspect = token->add_subcommand("inspect", "Decode a token without verifying it");
  inspect->footer("Example:\n  assay token issue ... | assay token inspect -");
  inspect->add_option("FILE", options.file, "The token; - for standard input")->required();
  CLI::App* rotate = token->add_subcommand("rotate-keys", "A new key for attestation tokens");
  rotate->footer(
      "Example:\n  assay token rotate-keys --state assay-state && kill -HUP $(pidof assay)\n"
      "The new key is published in /certs at once and signs after the lead time, when everybody\n"
      "who keeps a key set has seen it. The old key stays published until its last token expired.\n"
      "--compromised: the new key signs at once, and tokens of the old ones fail.");
  rotate->add_option("--state", options.state_dir, "Folder of the service's keys")
      ->capture_default_str();
  rotate->add_option("--token-alg", options.token_alg, "The key to replace: RS256 or ES256")
      ->check(CLI::IsMember({"RS256", "ES256"}))
      ->capture_default_str();
  rotate->add_option("--lead-minutes", options.lead_minutes, "From publishing to signing")
      ->capture_default_str();
  rotate->add_flag("--compromised", options.compromised, "The old key is not to be believed");
  rotate->add_flag("--json", options.json, "Print JSON");
}

void AddSimulate(CLI::App& app, Options& options) {
  CLI::App* simulate = app.add_subcommand(
      "simulate", "Write simulated evidence and collateral under a throw-away root");
  simulate->add_option("KIND", options.kind, "sgx, tdx, snp, tpm, azure or vbs")->required();
  simulate->add_option("--out", options.out, "The folder to write to");
  simulate->add_option("--fault", options.fault, "The one check that shall fail");
  simulate->add_option("--runtime-data", options.runtime_data,
                       "snp: a file whose SHA-256 the report binds");
  simulate->add_flag("--list-faults", options.list_faults, "Name the faults of the kind");
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char** argv, Printed& printed) {
  Options options;
  CLI::App app(
      "Assay verifies evidence of trusted execution environments, explains its verdict and "
      "issues attestation tokens.",
      "assay");
  app.footer(kFooter);
  app.set_version_flag("--version", ASSAY_VERSION);
  app.require_subcommand(1);
  AddEvidenceOptions(*app.add_subcommand("verify", "Judge evidence; failed checks first"), options);
  AddEvidenceOptions(*app.add_subcommand("explain", "Judge evidence; every check"), options);
  AddInspect(app, options);
  AddCollateral(app, options);
  AddPolicy(app, options);
  AddProvider(app, options);
  AddFleet(app, options);
  AddKey(app, options);
  AddRelease(app, options);
  AddLedger(app, options);
  AddServe(app, options);
  AddWitness(app, options);
  AddToken(app, options);
  AddMeasure(app, options);
  AddSimulate(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    printed.exit_code = code == 0 ? kExitTrusted : kExitNotJudged;
    return std::nullopt;
  }
  const CLI::App* command = app.get_subcommands().front();
  options.command = command->get_name();
  for (const CLI::App* sub : command->get_subcommands()) options.command += " " + sub->get_name();
  return options;
}

}  // namespace assay::cli
