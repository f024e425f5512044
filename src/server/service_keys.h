// The key vault of a running service: its store, its key-encryption key, and the thread that
// rotates and purges what is due.
//
//   STATE/keys.db            the vault
//   STATE/kek/kek-ID.json    key-encryption keys that the passphrase opens, unless an HSM has them
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/key_recoveries.h"
#include "api/key_service.h"
#include "keys/key_encryption_key.h"
#include "store/store.h"

namespace assay {

// Where the key-encryption key is: one of the two.
struct KekOptions {
  std::string passphrase_file;
  std::string hsm_module, hsm_token, hsm_pin_file;  // PKCS#11

  bool wanted() const { return !passphrase_file.empty() || !hsm_module.empty(); }
};

struct ServiceKeysOptions {
  std::string state_dir;
  KekOptions kek;
  std::string url;  // identifiers of keys begin with it
  keys::VaultOptions vault;
  std::string officers_file;  // who may recover keys together (recovery/officers.h); empty: nobody
  std::function<Time()> clock;
  // For the log.
  std::function<void(std::string_view event, json::Object fields)> log;
};

// One thread, from Start to Stop.
class ServiceKeys {
 public:
  static Result<std::unique_ptr<ServiceKeys>> Open(ServiceKeysOptions options);
  ~ServiceKeys() { Stop(); }

  KeyService& service() { return service_; }
  store::Store& store() { return *store_; }
  void Start();
  void Stop();

 private:
  ServiceKeys(ServiceKeysOptions options, std::unique_ptr<store::Store> store,
              std::unique_ptr<keys::KekKeeper> keks, std::unique_ptr<keys::Vault> vault);
  Result<void> OpenRecoveries();
  void Sweep();

  const ServiceKeysOptions options_;
  const std::unique_ptr<store::Store> store_;
  const std::unique_ptr<keys::KekKeeper> keks_;
  const std::unique_ptr<keys::Vault> vault_;
  std::optional<KeyRecoveries> recoveries_;
  KeyService service_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread sweeper_;
};

// The vault's store and KEKs of a state folder, for the service and the command line.
struct VaultFiles {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<keys::KekKeeper> keks;
};
Result<VaultFiles> OpenVaultFiles(const std::string& state_dir, const KekOptions& kek);

}  // namespace assay
