#include "agent/options.h"

#include "agent/collect.h"
#include "agent/options_parts.h"
#include "guest/tsm_report.h"
#include "tpm2/tpm.h"

namespace assay::agent {
namespace {

constexpr const char* kFooter = R"(Examples:
  assay-agent enroll --server https://assay.example:8443 --ca ca.pem --name web-1
  assay-agent attest --server https://assay.example:8443 --ca ca.pem        prints a token
  assay-agent watch  --server https://assay.example:8443 --ca ca.pem        for ever, as a service
  assay-agent exec   --server https://assay.example:8443 -- /usr/bin/app --port 80
  assay-agent exec   --server https://assay.example:8443 --ca ca.pem --secret DB=db-key -- /usr/bin/app
  assay-agent unlock --ca ca.pem /dev/vdb data                              opens /dev/mapper/data
  assay-agent cert   --server https://assay.example:8443 --ca ca.pem --cert tls.pem --key tls.key
  assay-agent collect --nonce 00112233445566778899aabbccddeeff --out evidence.json

The service's certificate is always verified: against --ca, or the system's authorities.
Exit codes: 0 trusted, 1 refused, 2 could not be judged.)";

void AddEnroll(CLI::App& app, Options& options) {
  CLI::App* enroll = app.add_subcommand("enroll", "Make this machine's key known to the service");
  enroll->footer(
      "The key is made by the TPM, the same after each boot: nothing is stored. The EK "
      "certificate\n"
      "in the TPM, or with --ak-cert-nv the key's own, says whose TPM it is.\n"
      "Examples:\n  assay-agent enroll --server https://assay.example --ca ca.pem --name web-1\n"
      "  assay-agent enroll --server https://assay.example --kind azure");
  AddServer(*enroll, options);
  AddKind(*enroll, options, {"tpm", "azure"});
  AddKeys(*enroll, options);
  AddLogs(*enroll, options);
}

void AddAttest(CLI::App& app, Options& options) {
  CLI::App* attest = app.add_subcommand("attest", "Attest once and print the token");
  attest->footer(
      "Examples:\n  assay-agent attest --server https://assay.example --ca ca.pem > token.jwt\n"
      "  assay-agent attest --server https://assay.example --kind snp --runtime-data key.json");
  AddServer(*attest, options);
  AddKind(*attest, options, {"tpm", "azure", "snp", "tdx"});
  AddKeys(*attest, options);
  AddLogs(*attest, options);
  AddRuntimeData(*attest, options);
}

void AddWatch(CLI::App& app, Options& options) {
  CLI::App* watch = app.add_subcommand("watch", "Attest again and again, until it is told to stop");
  watch->footer(
      "Attests when the service expects it, enrols when the service does not know the machine,\n"
      "and waits when it is away. Ends with SIGTERM or SIGINT only.\n"
      "Example:\n  assay-agent watch --server https://assay.example --ca ca.pem --name web-1");
  AddServer(*watch, options);
  AddKind(*watch, options, {"tpm", "azure"});
  AddKeys(*watch, options);
  AddLogs(*watch, options);
}

void AddCollect(CLI::App& app, Options& options) {
  CLI::App* collect = app.add_subcommand("collect", "Write the evidence to a file; no network");
  collect->footer(
      "Example:\n  assay-agent collect --out evidence.json\n"
      "  assay verify evidence.json --enrolled-ak NAME --report-data NONCE    (both are printed)");
  AddKind(*collect, options, {"tpm", "azure"});
  AddKeys(*collect, options);
  AddLogs(*collect, options);
  collect->add_option("--nonce", options.nonce, "What the quote answers, hex; random if not given");
  collect->add_option("--out", options.out, "The file to write; - for the standard output")
      ->required();
  collect->add_flag("--json", options.json, "Print JSON");
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char** argv, int& exit_code) {
  Options options;
  options.tcti = tpm2::kDefaultTcti;
  options.event_log = LogPaths().event_log;
  options.ima_log = LogPaths().ima_log;
  options.tsm_root = TsmTree().root;
  options.unlock.crypttab = "/etc/crypttab";
  CLI::App app("Proves to an Assay service what this machine runs", "assay-agent");
  app.set_version_flag("--version", "assay-agent " ASSAY_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  AddEnroll(app, options);
  AddAttest(app, options);
  AddWatch(app, options);
  AddExec(app, options);
  AddUnlock(app, options);
  AddCert(app, options);
  AddCollect(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? kExitTrusted : kExitNotJudged;
    return std::nullopt;
  }
  options.command = app.get_subcommands().front()->get_name();
  return options;
}

}  // namespace assay::agent
