// The command line of `assay fleet`, `assay release`, and what `assay serve` needs for machines.
#include "cli/fleet_options.h"

#include <CLI/CLI.hpp>

namespace assay::cli {
namespace {

constexpr const char* kFleetFooter =
    "Examples:\n"
    "  assay fleet list --state assay-state\n"
    "  assay fleet approve 00112233445566778899aabbccddeeff --release web-2026.11\n"
    "  assay fleet approve 00112233445566778899aabbccddeeff --dns db.example\n"
    "  assay fleet show 00112233445566778899aabbccddeeff\n"
    "  assay fleet revoke 00112233445566778899aabbccddeeff --reason \"sold\"\n"
    "  assay fleet recheck 00112233445566778899aabbccddeeff --wait   # prove yourself, now\n"
    "Works on the state folder, whether a service runs on it or not; what it changes holds from\n"
    "the machine's next request on.";

void AddCommon(CLI::App& command, Options& options) {
  command.add_option("--state", options.state_dir, "State folder of the service")
      ->capture_default_str();
  command.add_option("--provider", options.provider, "Whose machines; without it the shared one's");
  command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace

void AddServeMachines(CLI::App& serve, Options& options) {
  serve
      .add_option("--interval", options.interval,
                  "Seconds between two attestations of a machine; silent for three and half a "
                  "minute, it is unreachable")
      ->check(CLI::Range(1U, 86400U))
      ->capture_default_str();
  serve.add_flag("--approve-at-once", options.approve_at_once,
                 "Approve machines whose TPM a certificate proves; without it, by `fleet approve`");
  serve.add_flag("--trust-on-first-use", options.trust_on_first_use,
                 "Also enrol TPMs without a certificate, with a warning that stays");
  serve.add_option("--tpm-root", options.tpm_roots,
                   "PEM of a TPM vendor's root, besides those built in; repeatable");
  serve.add_option("--webhook", options.webhook, "URL that is told of every change of a machine");
  serve.add_option("--webhook-secret", options.webhook_secret,
                   "File with whsec_...: the key that signs those messages (Standard Webhooks)");
  serve.add_option("--webhook-ca", options.webhook_ca, "PEM of the authority of that URL's host");
}

void AddFleet(CLI::App& app, Options& options) {
  CLI::App* fleet = app.add_subcommand("fleet", "The machines that a service watches");
  fleet->require_subcommand(1);
  fleet->footer(kFleetFooter);
  CLI::App* list = fleet->add_subcommand("list", "All, a line each");
  list->add_option("--machine-state", options.machine_state,
                   "Only pending, approved, trusted, asked, drifted, unreachable or revoked");
  CLI::App* show = fleet->add_subcommand("show", "One, with its drift and history");
  CLI::App* approve = fleet->add_subcommand("approve", "Let it attest");
  approve->add_option("--release", options.release,
                      "The values it must have; without it, those of its first evidence");
  approve
      ->add_option(
          "--dns", options.machine_dns,
          "A name in the DNS that its certificates may have; repeatable. Without it, those "
          "approved before")
      ->allow_extra_args(false);
  CLI::App* revoke = fleet->add_subcommand("revoke", "For good: its key never attests again");
  revoke->add_option("--reason", options.reason, "Kept in its history");
  CLI::App* recheck = fleet->add_subcommand(
      "recheck", "Ask it to attest now; until it has, nothing is granted to it");
  recheck->add_option("--within", options.within, "Seconds after which it is unreachable")
      ->check(CLI::Range(1U, 86400U))
      ->capture_default_str();
  recheck->add_flag("--wait", options.wait,
                    "Wait for its answer: exit 0 if it is trusted, 1 if it is not");
  for (CLI::App* one : {show, approve, revoke, recheck}) {
    one->add_option("MACHINE", options.machine, "Its id")->required();
  }
  for (CLI::App* one : {list, show, approve, revoke, recheck}) AddCommon(*one, options);
}

void AddRelease(CLI::App& app, Options& options) {
  CLI::App* release = app.add_subcommand("release", "The values that machines must have");
  release->require_subcommand(1);
  release->footer(
      "Examples:\n"
      "  assay release set web-2026.11.json          # written by `assay measure`\n"
      "  assay release list\n"
      "A release with a \"successor\" lets its machines move there, and is retired when the last\n"
      "one has moved.");
  CLI::App* set = release->add_subcommand("set", "Take it from a file");
  set->add_option("FILE", options.file, "The release as JSON")->required();
  CLI::App* list = release->add_subcommand("list", "All, a line each");
  CLI::App* show = release->add_subcommand("show", "One, as JSON");
  show->add_option("NAME", options.release, "Its name")->required();
  for (CLI::App* one : {set, list, show}) AddCommon(*one, options);
}

}  // namespace assay::cli
