// `assay key`: the key vault of a state folder.
#include "cli/key.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/files.h"
#include "release/policy.h"
#include "server/service_ledger.h"
#include "server/state_dir.h"

namespace assay::cli {
namespace {

void PrintListed(const keys::KeyVersion& key) {
  fmt::print("{:<40} {:<7} {} {}{}{}\n", key.name, keys::Name(key.type()), key.version,
             FormatTime(key.attributes.created), key.attributes.enabled ? "" : " disabled",
             key.attributes.exportable ? " exportable" : "");
}

}  // namespace

KekOptions KekOptionsOf(const Options& options) {
  return {options.key_passphrase_file,
          options.hsm_module,
          options.hsm_token,
          options.hsm_pin_file,
          options.key_tpm,
          options.key_tpm_pcrs,
          options.kek_to};
}

Result<OpenedVault> OpenVault(const Options& options) {
  if (!std::filesystem::exists(KeyStoreFile(options.state_dir))) {
    return Fail(ErrorCode::kMissing, options.state_dir + ": there is no key vault in it",
                "`assay serve --key-passphrase-file FILE` makes one");
  }
  OpenedVault out;
  out.files = TRY(OpenVaultFiles(options.state_dir, KekOptionsOf(options)));
  keys::VaultOptions rules;
  rules.check_release_policy = [](const keys::ReleasePolicy& policy) {
    return release::ParseReleasePolicy(AsText(policy.data)).map([](const auto&) {});
  };
  out.vault = TRY(
      keys::Vault::Open(*out.files.store, *out.files.keks, std::move(rules), out.files.hsm.get()));
  return out;
}

tl::unexpected<Error> Refused(const keys::Fault& fault) {
  const bool missing = fault.kind == keys::FaultKind::kNotFound;
  return Fail(missing ? ErrorCode::kMissing : ErrorCode::kInvalidArgument, fault.message,
              missing ? "assay key list" : "");
}

json::Object ListedJson(const keys::KeyVersion& key) {
  return {{"name", key.name},
          {"kty", keys::Name(key.type())},
          {"version", key.version},
          {"enabled", key.attributes.enabled},
          {"exportable", key.attributes.exportable},
          {"created", FormatTime(key.attributes.created)}};
}

Result<int> RunKeyList(const Options& options) {
  const OpenedVault opened = TRY(OpenVault(options));
  json::Array all;
  std::string after;
  do {
    auto page = opened.vault->List(after, limits::kKeysPage);
    if (!page) return Refused(page.error());
    for (const keys::KeyVersion& one : page->items) {
      if (options.json) {
        all.emplace_back(ListedJson(one));
      } else {
        PrintListed(one);
      }
    }
    after = page->next;
  } while (!after.empty());
  if (options.json) fmt::print("{}\n", json::WritePretty(json::Object{{"keys", all}}));
  return 0;
}

Result<int> RunKeyRotateKek(const Options& options) {
  const int places = (options.key_passphrase_file.empty() ? 0 : 1) +
                     (options.hsm_module.empty() ? 0 : 1) + (options.key_tpm.empty() ? 0 : 1);
  if (places > 1 && options.kek_to.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} places for key-encryption keys were given", places),
                "say where the new one is made: --to passphrase, --to hsm or --to tpm");
  }
  const OpenedVault opened = TRY(OpenVault(options));
  const std::string id = TRY(opened.vault->data_keys().RotateKek({}));
  TRY_VOID(RecordLocalAct(options.state_dir, "key-encryption key " + id, {{"act", "rotate"}},
                          TRY(TimeOf(options))));
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"kek", id}}));
    return 0;
  }
  fmt::print(
      "The key-encryption key is {} now.\n"
      "Older ones open nothing but backups made before: delete them when no such backup is "
      "needed.\n",
      id);
  return 0;
}

}  // namespace assay::cli
