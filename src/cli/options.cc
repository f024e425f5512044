#include "cli/options.h"

#include <CLI/CLI.hpp>

namespace assay::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  assay verify quote.bin --collateral ./collateral
  assay verify report.bin --collateral ./certs --at 2025-06-20T00:00:00Z --allow-missing-crl
  assay explain quote.bin --collateral ./collateral      every check, with what was expected and found
  assay inspect quote.bin                                decode without judging
  assay serve --collateral ./collateral --port 8443      the Azure Attestation API

Exit codes: 0 trusted, 1 refused, 2 could not be judged.)";

void AddEvidenceOptions(CLI::App& command, Options& options) {
  command.add_option("FILE", options.file, "Evidence: SGX or TDX quote, SEV-SNP report, OE report")
      ->required();
  command.add_option("--type", options.kind, "sgx, tdx or snp; detected when not given");
  command.add_option("--collateral", options.collateral,
                     "Folder or bundle with certificates, CRLs, TCB info, QE identity");
  command.add_option("--at", options.at,
                     "Judge as of this time (2025-06-04T09:25:11Z); default now");
  command.add_option("--report-data", options.report_data,
                     "REPORT_DATA must be these bytes (hex), then zeros");
  command.add_option("--nonce", options.nonce,
                     "REPORT_DATA must be the SHA-256 of this file, then zeros");
  command.add_option("--event-log", options.event_log,
                     "CC event log (CCEL) to replay to the RTMRs");
  command.add_option("--trust-root", options.trust_roots,
                     "Trust this root certificate instead of the vendors' (tests, simulations)");
  command.add_flag("--allow-missing-crl", options.allow_missing_crl,
                   "Waive revocation data that is absent; never data that fails");
  command.add_flag("--allow-debug", options.allow_debug, "Accept debug enclaves and guests");
  command.add_flag("--json", options.json, "Print JSON");
}

void AddInspect(CLI::App& app, Options& options) {
  CLI::App* inspect = app.add_subcommand("inspect", "Decode evidence without judging it");
  inspect->add_option("FILE", options.file, "Evidence, or a CC event log")->required();
  inspect->add_option("--type", options.kind, "sgx, tdx or snp; detected when not given");
  inspect->add_flag("--json", options.json, "Print JSON");
}

void AddCollateral(CLI::App& app, Options& options) {
  CLI::App* collateral = app.add_subcommand("collateral", "List, export and import collateral");
  collateral->require_subcommand(1);
  CLI::App* list = collateral->add_subcommand("list", "What a folder or bundle holds");
  list->add_option("PATH", options.file, "Folder or bundle")->required();
  list->add_flag("--json", options.json, "Print JSON");
  CLI::App* to_bundle =
      collateral->add_subcommand("export", "Write a folder as one offline bundle");
  to_bundle->add_option("DIR", options.file, "Folder")->required();
  to_bundle->add_option("--out", options.out, "The bundle to write")->required();
  CLI::App* from_bundle = collateral->add_subcommand("import", "Unpack a bundle into a folder");
  from_bundle->add_option("BUNDLE", options.file, "Bundle")->required();
  from_bundle->add_option("--out", options.out, "The folder to write to")->required();
}

void AddServe(CLI::App& app, Options& options) {
  CLI::App* serve = app.add_subcommand("serve", "Answer the Azure Attestation API over HTTPS");
  serve->add_option("--collateral", options.collateral, "Folder with collateral")->required();
  serve->add_option("--address", options.address, "Address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "Port")->capture_default_str();
  serve->add_option("--state", options.state_dir, "Folder for keys")->capture_default_str();
  serve->add_option("--token-alg", options.token_alg, "How tokens are signed: RS256 or ES256")
      ->check(CLI::IsMember({"RS256", "ES256"}))
      ->capture_default_str();
  serve->add_option("--public-url", options.public_url, "URL that clients use; the token issuer");
  serve->add_option("--tls-cert", options.tls_certificate, "PEM chain, instead of a self-made one");
  serve->add_option("--tls-key", options.tls_key, "PEM key of --tls-cert");
  serve->add_option("--at", options.at,
                    "Judge evidence as of this time (demonstrations on old evidence)");
  serve->add_flag("--allow-missing-crl", options.allow_missing_crl, "Waive absent revocation data");
}

void AddSimulate(CLI::App& app, Options& options) {
  CLI::App* simulate = app.add_subcommand(
      "simulate", "Write simulated evidence and collateral under a throw-away root");
  simulate->add_option("KIND", options.kind, "sgx, tdx or snp")->required();
  simulate->add_option("--out", options.out, "The folder to write to");
  simulate->add_option("--fault", options.fault, "The one check that shall fail");
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
  AddServe(app, options);
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
