#include "agent/options.h"

#include <CLI/CLI.hpp>

#include "agent/collect.h"
#include "agent/tsm_report.h"
#include "tpm2/tpm.h"

namespace assay::agent {
namespace {

constexpr const char* kFooter = R"(Examples:
  assay-agent enroll --server https://assay.example:8443 --ca ca.pem --name web-1
  assay-agent attest --server https://assay.example:8443 --ca ca.pem        prints a token
  assay-agent watch  --server https://assay.example:8443 --ca ca.pem        for ever, as a service
  assay-agent exec   --server https://assay.example:8443 -- /usr/bin/app --port 80
  assay-agent collect --nonce 00112233445566778899aabbccddeeff --out evidence.json

The service's certificate is always verified: against --ca, or the system's authorities.
Exit codes: 0 trusted, 1 refused, 2 could not be judged.)";

constexpr const char* kKindHelp =
    "tpm: a machine with a TPM; azure: an Azure confidential VM (vTPM with hardware report); snp, "
    "tdx: "
    "a guest with configfs-tsm. snp, tdx and azure were tested on made-up files and TPMs, not on "
    "their hardware";

void AddKeys(CLI::App& command, Options& options) {
  command.add_option("--tcti", options.tcti, "The TPM: device:PATH or swtpm:host=ADDRESS,port=N")
      ->capture_default_str();
  command.add_option("--ak-handle", options.ak_handle,
                     "Use this persistent key (0x81000003 on Azure) instead of the agent's own");
  command.add_option("--ak-cert-nv", options.ak_certificate_index,
                     "NV index of its certificate (0x01C101D0 on Azure)");
  command.add_option("--idevid-cert-nv", options.idevid_certificate_index,
                     "NV index of the machine's IDevID certificate, when the key is an IAK");
}

void AddLogs(CLI::App& command, Options& options) {
  command.add_option("--event-log", options.event_log, "The firmware's event log")
      ->capture_default_str();
  command.add_option("--ima-log", options.ima_log, "The kernel's IMA list")->capture_default_str();
}

void AddKind(CLI::App& command, Options& options, std::vector<std::string> kinds) {
  command.add_option("--kind", options.kind, kKindHelp)
      ->check(CLI::IsMember(std::move(kinds)))
      ->capture_default_str();
}

void AddServer(CLI::App& command, Options& options) {
  command.add_option("--server", options.server, "https://HOST[:PORT][/PATH] of the service")
      ->required();
  command.add_option("--ca", options.ca_file, "PEM of the authority of its certificate");
  command.add_option("--provider", options.provider, "An attestation provider of the service");
  command.add_option("--token", options.token_file,
                     "File with a bearer token, for services that want one");
  command.add_option("--name", options.name, "How the machine is called, when it enrols");
  command.add_flag("--json", options.json, "Print JSON");
}

void AddRuntimeData(CLI::App& command, Options& options) {
  command.add_option("--runtime-data", options.runtime_data,
                     "snp, tdx: file whose SHA-256 the report binds; a nonce of the agent's if not "
                     "given");
  command.add_option("--tsm", options.tsm_root, "snp, tdx: the folder of configfs-tsm")
      ->capture_default_str();
}

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

void AddExec(CLI::App& app, Options& options) {
  CLI::App* exec = app.add_subcommand("exec", "Attest, then run a program with the token");
  exec->footer(
      "The token is on the file descriptor whose number is in ASSAY_TOKEN_FD: a sealed file in\n"
      "memory. With --token-env it is in ASSAY_TOKEN, where more can see it. A machine that is "
      "not\n"
      "trusted runs nothing.\n"
      "Example:\n  assay-agent exec --server https://assay.example -- sh -c 'cat "
      "<&$ASSAY_TOKEN_FD'");
  AddServer(*exec, options);
  AddKind(*exec, options, {"tpm", "azure", "snp", "tdx"});
  AddKeys(*exec, options);
  AddLogs(*exec, options);
  AddRuntimeData(*exec, options);
  exec->add_flag("--token-env", options.token_in_environment, "Put the token into ASSAY_TOKEN");
  exec->add_option("COMMAND", options.program, "The program and its arguments, behind --")
      ->required();
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
  CLI::App app("Proves to an Assay service what this machine runs", "assay-agent");
  app.set_version_flag("--version", "assay-agent " ASSAY_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  AddEnroll(app, options);
  AddAttest(app, options);
  AddWatch(app, options);
  AddExec(app, options);
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
