// The key vault of a state folder, and where its key-encryption keys and its HSM are: for the
// service and the command line.
//
//   STATE/keys.db                the vault
//   STATE/kek/kek-ID.json        key-encryption keys that a passphrase opens
//   STATE/kek/kek-ID.tpm.json    and those that the machine's TPM has sealed
#pragma once

#include <memory>
#include <string>

#include "keys/hsm.h"
#include "keys/key_encryption_key.h"
#include "store/store.h"

namespace assay {

// Where key-encryption keys are; several, while a vault moves from one to another.
struct KekOptions {
  std::string passphrase_file;
  std::string hsm_module, hsm_token, hsm_pin_file;  // PKCS#11; it holds the -HSM keys, too
  std::string tpm;                                  // its transport
  std::string tpm_pcrs = "7";
  // Where a new one is made: "hsm", "tpm", "passphrase". Empty: the first of them that is there.
  std::string make_in;

  bool wanted() const { return !passphrase_file.empty() || !hsm_module.empty() || !tpm.empty(); }
};

struct VaultFiles {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<keys::KekKeeper> keks;
  std::unique_ptr<keys::Hsm> hsm;  // null: none holds keys
};

Result<VaultFiles> OpenVaultFiles(const std::string& state_dir, const KekOptions& kek);

}  // namespace assay
