#include "agent/options_parts.h"

namespace assay::agent {
namespace {

constexpr const char* kKindHelp =
    "tpm: a machine with a TPM; azure: an Azure confidential VM (vTPM with hardware report); snp, "
    "tdx: "
    "a guest with configfs-tsm. snp, tdx and azure were tested on made-up files and TPMs, not on "
    "their hardware";

}  // namespace

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

void AddServer(CLI::App& command, Options& options, bool required) {
  command.add_option("--server", options.server, "https://HOST[:PORT][/PATH] of the service")
      ->required(required);
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

void AddVault(CLI::App& command, Options& options) {
  command.add_option("--vault-ca", options.vault_ca_file,
                     "PEM of the authority that signs released keys (ca.pem of the service's state "
                     "folder); --ca if not given");
}

}  // namespace assay::agent
