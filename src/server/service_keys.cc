#include "server/service_keys.h"

#include <utility>

#include "keys/passphrase_kek.h"
#include "keys/pkcs11_kek.h"
#include "server/key_files.h"
#include "server/state_dir.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"

namespace assay {
namespace {

// A rotation policy counts in days.
constexpr std::chrono::seconds kSweepEvery{20};

json::Array TextsOf(const std::vector<std::string>& texts) {
  json::Array out;
  for (const std::string& one : texts) out.emplace_back(one);
  return out;
}

Result<std::unique_ptr<keys::KekKeeper>> OpenKeks(const std::string& state_dir,
                                                  const KekOptions& kek) {
  if (kek.hsm_module.empty()) {
    SecretBytes passphrase = TRY(keys::ReadPassphrase(kek.passphrase_file));
    const std::string folder = state_dir + "/kek";
    TRY_VOID(MakeStateDir(folder));
    return std::make_unique<keys::PassphraseKeks>(folder, std::move(passphrase));
  }
  if (!kek.passphrase_file.empty() || kek.hsm_token.empty() || kek.hsm_pin_file.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "an HSM needs --key-hsm-token and --key-hsm-pin-file, and no passphrase");
  }
  SecretBytes pin = TRY(keys::ReadSecretFile(kek.hsm_pin_file));
  return TRY(keys::Pkcs11Keks::Open({kek.hsm_module, kek.hsm_token, std::move(pin)}));
}

}  // namespace

Result<VaultFiles> OpenVaultFiles(const std::string& state_dir, const KekOptions& kek) {
  VaultFiles out;
  out.keks = TRY(OpenKeks(state_dir, kek));
  out.store = store::GroupCommits(TRY(store::OpenSqliteStore(KeyStoreFile(state_dir))));
  return out;
}

Result<std::unique_ptr<ServiceKeys>> ServiceKeys::Open(ServiceKeysOptions options) {
  VaultFiles files = TRY(OpenVaultFiles(options.state_dir, options.kek));
  auto vault = TRY(keys::Vault::Open(*files.store, *files.keks, options.vault));
  std::unique_ptr<ServiceKeys> out(new ServiceKeys(std::move(options), std::move(files.store),
                                                   std::move(files.keks), std::move(vault)));
  TRY_VOID(out->OpenRecoveries());
  return out;
}

Result<void> ServiceKeys::OpenRecoveries() {
  if (options_.officers_file.empty()) return {};
  recovery::Officers officers =
      TRY(recovery::ParseOfficers(TRY(ReadWholeFile(options_.officers_file))));
  recoveries_.emplace(KeyRecoveries{
      recovery::RecoveryBook(*store_), std::move(officers),
      [this](std::string_view what, const recovery::Recovery& recovery) {
        options_.log("key_recovery", {{"what", what}, {"recovery", RecoveryJson(recovery)}});
      }});
  service_.recoveries = &*recoveries_;
  return {};
}

ServiceKeys::ServiceKeys(ServiceKeysOptions options, std::unique_ptr<store::Store> store,
                         std::unique_ptr<keys::KekKeeper> keks, std::unique_ptr<keys::Vault> vault)
    : options_(std::move(options)),
      store_(std::move(store)),
      keks_(std::move(keks)),
      vault_(std::move(vault)),
      service_{*vault_, options_.url, options_.clock, [this](const std::string& message) {
                 options_.log("vault_failed", {{"error", message}});
               }} {}

void ServiceKeys::Start() {
  sweeper_ = std::thread([this] { Sweep(); });
}

void ServiceKeys::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (sweeper_.joinable()) sweeper_.join();
}

void ServiceKeys::Sweep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const keys::Swept swept = vault_->Sweep(options_.clock());
    if (!swept.rotated.empty()) options_.log("keys_rotated", {{"keys", TextsOf(swept.rotated)}});
    if (!swept.purged.empty()) options_.log("keys_purged", {{"keys", TextsOf(swept.purged)}});
    if (!swept.failed.empty()) options_.log("keys_not_swept", {{"why", TextsOf(swept.failed)}});
    lock.lock();
    wake_.wait_for(lock, kSweepEvery, [this] { return stopping_; });
  }
}

}  // namespace assay
