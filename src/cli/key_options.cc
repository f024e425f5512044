// The command line of `assay key`, and what `assay serve` needs for its key vault.
#include "cli/key_options.h"

#include <CLI/CLI.hpp>

#include "base/limits.h"

namespace assay::cli {
namespace {

constexpr const char* kKeyFooter =
    "Examples:\n"
    "  assay key create signer --kty EC --curve P-384 --key-passphrase-file kek.pass\n"
    "  assay key create sealed --kty oct-HSM --release-policy policy.json \\\n"
    "    --key-hsm-module /usr/lib/softhsm/libsofthsm2.so --key-hsm-token assay \\\n"
    "    --key-hsm-pin-file pin\n"
    "  assay key show signer --json --key-passphrase-file kek.pass\n"
    "  assay key list --state assay-state --key-passphrase-file kek.pass\n"
    "  assay key rotate-kek --key-passphrase-file kek.pass\n"
    "  assay key rotate-kek --to tpm --key-tpm device:/dev/tpmrm0 --key-tpm-pcrs 7,11 \\\n"
    "    --key-passphrase-file kek.pass\n"
    "Works on the state folder, whether a service runs on it or not.";

void AddKek(CLI::App& command, Options& options) {
  command.add_option("--key-passphrase-file", options.key_passphrase_file,
                     "File with the passphrase of the vault's key-encryption key");
  command.add_option("--key-hsm-module", options.hsm_module,
                     "PKCS#11 library of the HSM that has the key-encryption key and -HSM keys");
  command.add_option("--key-hsm-token", options.hsm_token, "Label of its token");
  command.add_option("--key-hsm-pin-file", options.hsm_pin_file, "File with its user's PIN");
  command.add_option("--key-tpm", options.key_tpm,
                     "TPM that seals the key-encryption key, as device:/dev/tpmrm0");
  command
      .add_option("--key-tpm-pcrs", options.key_tpm_pcrs,
                  "PCRs of SHA-256 that a new one is sealed to, as 7,11")
      ->capture_default_str();
}

CLI::App* AddCreate(CLI::App& key, Options& options) {
  CLI::App* create = key.add_subcommand("create", "A key, or a new version of one that is there");
  create->add_option("NAME", options.key_name, "1 to 127 letters, digits and '-'")->required();
  create->add_option("--kty", options.key_type, "Kind; with -HSM the HSM makes and holds it")
      ->check(CLI::IsMember({"RSA", "EC", "oct", "RSA-HSM", "EC-HSM", "oct-HSM"}))
      ->capture_default_str();
  create->add_option("--size", options.key_size,
                     "Bits: RSA 2048 (default), 3072, 4096; oct 128, "
                     "192, 256 (default)");
  create->add_option("--curve", options.key_curve, "Of EC keys")
      ->check(CLI::IsMember({"P-256", "P-384", "P-521", "P-256K"}))
      ->capture_default_str();
  create->add_option("--ops", options.key_ops, "What it may do, as sign,verify; else all it can")
      ->delimiter(',');
  create->add_option("--release-policy", options.release_policy,
                     "File with the policy by which the key may leave; else it never does");
  return create;
}

constexpr const char* kApproveFooter =
    "Example:\n"
    "  assay key approve-recovery recovery.json --officer alice --signing-key alice.pem\n"
    "FILE is what GET /recoveries/ID answers. What it would approve is shown; the approval is\n"
    "printed, for POST /recoveries/ID/approve.";
constexpr const char* kOpenFooter =
    "Example:\n"
    "  assay key open-recovery completed.json --private-key mine.pem --out key.bin\n"
    "FILE is what POST /recoveries/ID/complete answered; the key goes to a file of mode 0600:\n"
    "PKCS #8 in DER, or the bytes of an oct key.";

void AddRecovery(CLI::App& key, Options& options) {
  CLI::App* approve =
      key.add_subcommand("approve-recovery", "Sign an officer's approval of a recovery");
  approve->footer(kApproveFooter);
  approve->add_option("FILE", options.file, "The recovery as JSON")->required();
  approve->add_option("--officer", options.officer, "Your name among the officers")->required();
  approve->add_option("--signing-key", options.officer_key, "PEM of your private key")->required();
  CLI::App* open = key.add_subcommand("open-recovery", "Unwrap a key that was recovered");
  open->footer(kOpenFooter);
  open->add_option("FILE", options.file, "The completed recovery as JSON")->required();
  open->add_option("--private-key", options.officer_key, "PEM of the RSA key it is wrapped to")
      ->required();
  open->add_option("--out", options.out, "The file to write the key to")->required();
}

}  // namespace

void AddServeKeys(CLI::App& serve, Options& options) {
  AddKek(serve, options);
  serve
      .add_option("--key-retention-days", options.key_retention_days,
                  "Days for which deleted keys can be recovered")
      ->check(CLI::Range(limits::kKeyRetentionLeastDays, limits::kKeyRetentionMostDays))
      ->capture_default_str();
  serve.add_option("--recovery-officers", options.officers,
                   "Who may recover keys together (docs/keys.md); without it, nobody");
  serve.add_flag("--allow-rsa1-5", options.allow_rsa1_5,
                 "Encrypt and decrypt with RSA1_5, too; its padding tells too much");
}

void AddKey(CLI::App& app, Options& options) {
  CLI::App* key = app.add_subcommand("key", "The key vault of a service");
  key->require_subcommand(1);
  key->footer(kKeyFooter);
  CLI::App* create = AddCreate(*key, options);
  CLI::App* show = key->add_subcommand("show", "One key, with its public half");
  show->add_option("NAME", options.key_name, "Its name")->required();
  show->add_option("--version", options.key_version, "Its version; else the current one");
  CLI::App* list = key->add_subcommand("list", "All keys, a line each");
  CLI::App* rotate = key->add_subcommand(
      "rotate-kek", "A new key-encryption key; data keys are wrapped anew, keys stay as they are");
  AddRecovery(*key, options);
  rotate
      ->add_option("--to", options.kek_to,
                   "Where the new one is made; where the old one is has to be given, too")
      ->check(CLI::IsMember({"passphrase", "hsm", "tpm"}));
  for (CLI::App* one : {create, show, list, rotate}) {
    one->add_flag("--json", options.json, "Print JSON");
    one->footer(kKeyFooter);
    one->add_option("--state", options.state_dir, "State folder of the service")
        ->capture_default_str();
    AddKek(*one, options);
  }
}

}  // namespace assay::cli
