// The commands that hand keys and certificates to programs that know nothing of Assay.
#include "agent/options_parts.h"

namespace assay::agent {

void AddExec(CLI::App& app, Options& options) {
  ExecOptions& own = options.exec;
  CLI::App* exec = app.add_subcommand("exec", "Attest, then run a program with token and secrets");
  exec->footer(
      "The token is on the file descriptor whose number is in ASSAY_TOKEN_FD: a sealed file in\n"
      "memory. With --token-env it is in ASSAY_TOKEN, where more can see it. A secret is a key of\n"
      "the service's vault, whose release policy decides; it is on the descriptor in\n"
      "ASSAY_SECRET_NAME_FD, or in the file in ASSAY_SECRET_NAME_FILE. Keys of RSA and EC are PEM\n"
      "(PKCS #8), others their bytes. A machine that is not trusted runs nothing.\n"
      "Examples:\n"
      "  assay-agent exec --server https://assay.example -- sh -c 'cat <&$ASSAY_TOKEN_FD'\n"
      "  assay-agent exec --server https://assay.example --ca ca.pem --secret TLS=web-key \\\n"
      "    --secret-dir /run/web -- nginx -c /etc/nginx/nginx.conf     reads /run/web/TLS");
  AddServer(*exec, options);
  AddVault(*exec, options);
  AddKind(*exec, options, {"tpm", "azure", "snp", "tdx"});
  AddKeys(*exec, options);
  AddLogs(*exec, options);
  AddRuntimeData(*exec, options);
  exec->add_flag("--token-env", own.token_in_environment, "Put the token into ASSAY_TOKEN");
  exec->add_option("--secret", own.secrets, "NAME=KEY[,VERSION] of the service's vault; repeatable")
      ->allow_extra_args(false);
  CLI::Option* const folder = exec->add_option(
      "--secret-dir", own.secret_folder,
      "Write secrets to files (0400) in this folder in memory, made if it is missing");
  exec->add_flag("--secret-env", own.secrets_in_environment,
                 "Put secrets into ASSAY_SECRET_NAME itself, where more can see them; those that "
                 "are not PEM as base64")
      ->excludes(folder);
  exec->add_option("COMMAND", own.program, "The program and its arguments, behind --")->required();
}

void AddUnlock(CLI::App& app, Options& options) {
  UnlockOptions& own = options.unlock;
  CLI::App* unlock = app.add_subcommand("unlock", "Open a LUKS2 volume with a released key");
  unlock->footer(
      "Which key of which service opens the volume is told by a token in its header, which "
      "--enroll\n"
      "writes. The key goes to cryptsetup in memory only.\n"
      "Examples:\n"
      "  assay-agent unlock --server https://assay.example --ca ca.pem --enroll disk-key /dev/vdb\n"
      "  assay-agent unlock --ca ca.pem /dev/vdb data          opens /dev/mapper/data\n"
      "  assay-agent unlock --ca ca.pem --test /dev/vdb        whether it would\n"
      "  assay-agent unlock --ca ca.pem --stdout /dev/vdb | cryptsetup open --key-file - ...");
  AddServer(*unlock, options, false);
  AddVault(*unlock, options);
  AddKeys(*unlock, options);
  AddLogs(*unlock, options);
  unlock->add_option("DEVICE", own.device, "The volume, or a file with one");
  unlock->add_option("NAME", own.name, "What it is to be called below /dev/mapper");
  CLI::Option* const enroll = unlock->add_option(
      "--enroll", own.enroll, "Let this key of the vault (oct; NAME or NAME,VERSION) open DEVICE");
  unlock
      ->add_option("--key-file", own.key_file,
                   "With --enroll: a file that opens DEVICE now; a passphrase is asked for if it "
                   "is not given")
      ->needs(enroll);
  CLI::Option* const test =
      unlock->add_flag("--test", own.test, "Only say whether the key opens it")->excludes(enroll);
  CLI::Option* const to_stdout =
      unlock->add_flag("--stdout", own.to_stdout, "Write the key to the standard output")
          ->excludes(enroll)
          ->excludes(test);
  CLI::Option* const to_socket =
      unlock
          ->add_flag("--socket", own.to_socket,
                     "Answer systemd-cryptsetup on the standard input, an accepted connection; "
                     "DEVICE is looked up in --crypttab")
          ->excludes(enroll)
          ->excludes(test)
          ->excludes(to_stdout);
  unlock->add_option("--crypttab", own.crypttab, "Where the volumes of --socket stand")
      ->needs(to_socket)
      ->capture_default_str();
}

void AddCert(CLI::App& app, Options& options) {
  CertOptions& own = options.cert;
  CLI::App* cert =
      app.add_subcommand("cert", "Get a TLS certificate for a key of this trusted machine");
  cert->footer(
      "Makes the key (P-256, 0600) if the file is missing. The certificate names the machine and\n"
      "those of --dns that were approved for it (assay fleet approve --dns). It is short-lived:\n"
      "--renew gets the next one when two thirds of its time are over, as long as the machine is\n"
      "trusted.\n"
      "Examples:\n"
      "  assay-agent cert --server https://assay.example --ca ca.pem --cert tls.pem --key tls.key\n"
      "  assay-agent cert --server https://assay.example --ca ca.pem --cert tls.pem --key tls.key "
      "\\\n"
      "    --dns db.example --renew -- pg_ctlcluster 15 main reload");
  AddServer(*cert, options);
  AddKeys(*cert, options);
  AddLogs(*cert, options);
  cert->add_option("--cert", own.certificate_file, "The certificate and its authority, PEM")
      ->required();
  cert->add_option("--key", own.key_file, "The private key, PEM; made if it is missing")
      ->required();
  cert->add_option("--dns", own.dns, "A name in the DNS, approved for this machine; repeatable")
      ->allow_extra_args(false);
  cert->add_option("--lifetime", own.lifetime, "Seconds; the service's own if not given");
  CLI::Option* const renew =
      cert->add_flag("--renew", own.renew, "Stay, and renew it until told to stop");
  cert->add_option("COMMAND", own.reload, "Run after each new certificate, behind --")
      ->needs(renew);
}

}  // namespace assay::agent
