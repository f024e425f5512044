// Key-encryption keys in files that a passphrase opens.
//
//   kek-ID.json   {"version":1,"id":ID,"kdf":{"name":"scrypt","logN":17,"r":8,"p":1,"salt":...},
//                  "sealed":...}
//
// The file holds a random key, AES-256-GCM under the key that scrypt makes of the passphrase; the
// additional data is all else of the file.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/limits.h"
#include "crypto/scrypt.h"
#include "keys/key_encryption_key.h"

namespace assay::keys {

class PassphraseKeks final : public KekKeeper {
 public:
  // The folder is there, and only its owner may enter it.
  PassphraseKeks(std::string folder, SecretBytes passphrase,
                 ScryptCost cost = {limits::kScryptLogN, 8, 1})
      : folder_(std::move(folder)), passphrase_(std::move(passphrase)), cost_(cost) {}

  Result<KekPtr> Make() override;
  // kInvalidArgument when the passphrase is another one.
  Result<KekPtr> Find(const std::string& id) override;

 private:
  const std::string folder_;
  const SecretBytes passphrase_;
  const ScryptCost cost_;
  std::mutex mutex_;                     // guards known_
  std::map<std::string, KekPtr> known_;  // scrypt takes half a second: once for each
};

// Of a file that only its owner may read; a newline at its end is none of it.
Result<SecretBytes> ReadSecretFile(const std::string& path);
// The same, and long enough to stand against guesses.
Result<SecretBytes> ReadPassphrase(const std::string& path);

}  // namespace assay::keys
