// The command line of `assay key`, and what `assay serve` needs for its key vault.
#include "cli/key_options.h"

#include <CLI/CLI.hpp>

#include "base/limits.h"

namespace assay::cli {
namespace {

constexpr const char* kKeyFooter =
    "Examples:\n"
    "  assay key list --state assay-state --key-passphrase-file kek.pass\n"
    "  assay key rotate-kek --state assay-state --key-passphrase-file kek.pass\n"
    "Works on the state folder, whether a service runs on it or not.";

void AddKek(CLI::App& command, Options& options) {
  command.add_option("--key-passphrase-file", options.key_passphrase_file,
                     "File with the passphrase of the vault's key-encryption key");
  command.add_option("--key-hsm-module", options.hsm_module,
                     "PKCS#11 library of the HSM that has the key-encryption key");
  command.add_option("--key-hsm-token", options.hsm_token, "Label of its token");
  command.add_option("--key-hsm-pin-file", options.hsm_pin_file, "File with its user's PIN");
}

}  // namespace

void AddServeKeys(CLI::App& serve, Options& options) {
  AddKek(serve, options);
  serve
      .add_option("--key-retention-days", options.key_retention_days,
                  "Days for which deleted keys can be recovered")
      ->check(CLI::Range(limits::kKeyRetentionLeastDays, limits::kKeyRetentionMostDays))
      ->capture_default_str();
  serve.add_flag("--allow-rsa1-5", options.allow_rsa1_5,
                 "Encrypt and decrypt with RSA1_5, too; its padding tells too much");
}

void AddKey(CLI::App& app, Options& options) {
  CLI::App* key = app.add_subcommand("key", "The key vault of a service");
  key->require_subcommand(1);
  key->footer(kKeyFooter);
  CLI::App* list = key->add_subcommand("list", "All keys, a line each");
  list->add_flag("--json", options.json, "Print JSON");
  CLI::App* rotate = key->add_subcommand(
      "rotate-kek", "A new key-encryption key; data keys are wrapped anew, keys stay as they are");
  for (CLI::App* one : {list, rotate}) {
    one->add_option("--state", options.state_dir, "State folder of the service")
        ->capture_default_str();
    AddKek(*one, options);
  }
}

}  // namespace assay::cli
