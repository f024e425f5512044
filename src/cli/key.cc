// `assay key`: the key vault of a state folder.
#include "cli/key.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/json.h"
#include "cli/commands.h"
#include "keys/vault.h"
#include "server/service_keys.h"
#include "server/state_dir.h"

namespace assay::cli {
namespace {

struct OpenedVault {
  VaultFiles files;
  std::unique_ptr<keys::Vault> vault;
};

// One that is there: a mistyped folder does not become a new vault.
Result<OpenedVault> OpenVault(const Options& options) {
  if (!std::filesystem::exists(KeyStoreFile(options.state_dir))) {
    return Fail(ErrorCode::kMissing, options.state_dir + ": there is no key vault in it",
                "`assay serve --key-passphrase-file FILE` makes one");
  }
  OpenedVault out;
  out.files = TRY(OpenVaultFiles(options.state_dir, KekOptionsOf(options)));
  out.vault = TRY(keys::Vault::Open(*out.files.store, *out.files.keks, {}));
  return out;
}

json::Object ListedJson(const keys::KeyVersion& key) {
  return {{"name", key.name},
          {"kty", Name(key.kind)},
          {"version", key.version},
          {"enabled", key.attributes.enabled},
          {"exportable", key.attributes.exportable},
          {"created", FormatTime(key.attributes.created)}};
}

void PrintListed(const keys::KeyVersion& key) {
  fmt::print("{:<40} {:<4} {} {}{}{}\n", key.name, Name(key.kind), key.version,
             FormatTime(key.attributes.created), key.attributes.enabled ? "" : " disabled",
             key.attributes.exportable ? " exportable" : "");
}

}  // namespace

KekOptions KekOptionsOf(const Options& options) {
  return {options.key_passphrase_file, options.hsm_module, options.hsm_token, options.hsm_pin_file};
}

Result<int> RunKeyList(const Options& options) {
  const OpenedVault opened = TRY(OpenVault(options));
  json::Array all;
  std::string after;
  do {
    auto page = opened.vault->List(after, limits::kKeysPage);
    if (!page) return Fail(ErrorCode::kIo, page.error().message);
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
  const OpenedVault opened = TRY(OpenVault(options));
  const std::string id = TRY(opened.vault->data_keys().RotateKek({}));
  fmt::print(
      "The key-encryption key is {} now.\n"
      "Older ones open nothing but backups made before: delete them when no such backup is "
      "needed.\n",
      id);
  return 0;
}

}  // namespace assay::cli
