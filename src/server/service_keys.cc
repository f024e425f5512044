#include "server/service_keys.h"

#include <utility>

#include "server/key_files.h"

namespace assay {
namespace {

// A rotation policy counts in days.
constexpr std::chrono::seconds kSweepEvery{20};

json::Array TextsOf(const std::vector<std::string>& texts) {
  json::Array out;
  for (const std::string& one : texts) out.emplace_back(one);
  return out;
}

}  // namespace

Result<std::unique_ptr<ServiceKeys>> ServiceKeys::Open(ServiceKeysOptions options) {
  VaultFiles files = TRY(OpenVaultFiles(options.state_dir, options.kek));
  auto vault = TRY(keys::Vault::Open(*files.store, *files.keks, options.vault, files.hsm.get()));
  std::unique_ptr<ServiceKeys> out(
      new ServiceKeys(std::move(options), std::move(files), std::move(vault)));
  TRY_VOID(out->OpenRecoveries());
  return out;
}

Result<void> ServiceKeys::OpenRecoveries() {
  if (options_.officers_file.empty()) return {};
  recovery::Officers officers =
      TRY(recovery::ParseOfficers(TRY(ReadWholeFile(options_.officers_file))));
  recoveries_.emplace(KeyRecoveries{
      recovery::RecoveryBook(*files_.store), std::move(officers),
      [this](std::string_view what, const recovery::Recovery& recovery) {
        options_.log("key_recovery", {{"what", what}, {"recovery", RecoveryJson(recovery)}});
      }});
  service_.recoveries = &*recoveries_;
  return {};
}

ServiceKeys::ServiceKeys(ServiceKeysOptions options, VaultFiles files,
                         std::unique_ptr<keys::Vault> vault)
    : options_(std::move(options)),
      files_(std::move(files)),
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

// What nobody asked for: the vault did it because it was due.
void ServiceKeys::Record(ledger::RecordKind kind, const std::string& key) {
  if (service_.decisions == nullptr) return;
  ledger::Record record;
  record.kind = kind;
  record.subject = "/keys/" + key;
  record.detail = json::Write(json::Object{
      {"code", kind == ledger::RecordKind::kKeyCreation ? "rotated when due" : "purged when due"}});
  // A failure is in the log.
  (void)service_.decisions->Write(std::move(record));
}

void ServiceKeys::Sweep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const keys::Swept swept = vault_->Sweep(options_.clock());
    for (const std::string& one : swept.rotated) Record(ledger::RecordKind::kKeyCreation, one);
    for (const std::string& one : swept.purged) Record(ledger::RecordKind::kAdministration, one);
    if (!swept.rotated.empty()) options_.log("keys_rotated", {{"keys", TextsOf(swept.rotated)}});
    if (!swept.purged.empty()) options_.log("keys_purged", {{"keys", TextsOf(swept.purged)}});
    if (!swept.failed.empty()) options_.log("keys_not_swept", {{"why", TextsOf(swept.failed)}});
    lock.lock();
    wake_.wait_for(lock, kSweepEvery, [this] { return stopping_; });
  }
}

}  // namespace assay
