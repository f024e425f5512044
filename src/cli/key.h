// What the commands share that open a key vault.
#pragma once

#include <memory>

#include "base/json.h"
#include "cli/options.h"
#include "keys/vault.h"
#include "server/vault_files.h"

namespace assay::cli {

KekOptions KekOptionsOf(const Options& options);

struct OpenedVault {
  VaultFiles files;
  std::unique_ptr<keys::Vault> vault;
};

// One that is there: a mistyped folder does not become a new vault.
Result<OpenedVault> OpenVault(const Options& options);

// A refusal of the vault as an error of the command line.
tl::unexpected<Error> Refused(const keys::Fault& fault);

// What lists and answers have in common.
json::Object ListedJson(const keys::KeyVersion& key);

}  // namespace assay::cli
