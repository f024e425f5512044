#include "cli/witness_options.h"

#include <CLI/CLI.hpp>

namespace assay::cli {
namespace {

constexpr const char* kWitnessFooter = R"(Example:
  assay witness --state witness-state --name witness.example/w1 --log ledger.vkey \
    --address 0.0.0.0 --public-url https://witness.example:8444
Cosigns a ledger's checkpoint if it continues the last one it cosigned (C2SP tlog-witness), and so
vouches that there is one history. It prints its verifier key, which goes to the ledger's service
(`assay serve --witness "VKEY URL"`) and to those who check (`assay ledger audit --witness VKEY`).
Run it where the ledger's operator cannot write: its state folder is what it remembers.
SIGHUP reads the TLS files again.)";

}  // namespace

void AddWitness(CLI::App& app, Options& options) {
  CLI::App* witness = app.add_subcommand("witness", "Vouch that a ledger has one history");
  witness->footer(kWitnessFooter);
  witness->add_option("--state", options.state_dir, "Folder for its key and what it remembers")
      ->required();
  witness->add_option("--name", options.witness_name,
                      "Name of a new witness: a URL without https://, for good");
  witness
      ->add_option("--log", options.logs, "Verifier key of a ledger to cosign, or a file with it")
      ->allow_extra_args(false)
      ->required();
  witness->add_option("--address", options.address, "Address to listen on")->capture_default_str();
  witness->add_option("--port", options.port, "Port; 0: any that is free")->capture_default_str();
  witness->add_option("--public-url", options.public_url,
                      "URL that ledgers use: its host is in the certificate that is made");
  witness->add_option("--tls-cert", options.tls_certificate,
                      "PEM chain, instead of a self-made one");
  witness->add_option("--tls-key", options.tls_key, "PEM key of --tls-cert");
  witness->add_flag("--json", options.json, "Print key, port and CA file as JSON");
}

void AddServeWitnesses(CLI::App& serve, Options& options) {
  serve
      .add_option("--witness", options.witnesses,
                  "\"VKEY URL\" of a witness of the ledger (assay witness --help); its "
                  "checkpoints are published once they are cosigned")
      ->allow_extra_args(false);
  serve.add_option("--quorum", options.quorum, "How many of them have to cosign; default all");
  serve.add_option("--witness-ca", options.witness_ca, "PEM of the CA to trust for witnesses' TLS");
}

void AddQuorum(CLI::App& command, Options& options) {
  command
      .add_option("--witness", options.witnesses,
                  "Verifier key of a witness whose cosignature counts, or a file with it")
      ->allow_extra_args(false);
  command.add_option("--quorum", options.quorum, "How many of them have to be there; default all");
}

}  // namespace assay::cli
