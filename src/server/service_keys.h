// The key vault of a running service: its store, its key-encryption key, and the thread that
// rotates and purges what is due.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/decision_log.h"
#include "api/key_recoveries.h"
#include "api/key_service.h"
#include "server/vault_files.h"

namespace assay {

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
  store::Store& store() { return *files_.store; }
  void Start();
  void Stop();

 private:
  ServiceKeys(ServiceKeysOptions options, VaultFiles files, std::unique_ptr<keys::Vault> vault);
  Result<void> OpenRecoveries();
  void Sweep();
  void Record(ledger::RecordKind kind, const std::string& key);

  const ServiceKeysOptions options_;
  const VaultFiles files_;
  const std::unique_ptr<keys::Vault> vault_;
  std::optional<KeyRecoveries> recoveries_;
  KeyService service_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread sweeper_;
};

}  // namespace assay
