// What tests of the vault share. Included by tests only.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "crypto/jose.h"
#include "crypto/secret.h"
#include "keys/local_kek.h"
#include "keys/vault.h"
#include "store/memory_store.h"

namespace assay::keys {

inline constexpr Time kNoon = Time{std::chrono::seconds{1764590400}};  // 2025-12-01T12:00:00Z

// KEKs in memory, so that no test waits for scrypt.
class MemoryKeks final : public KekKeeper {
 public:
  explicit MemoryKeks(std::string prefix = "kek-") : prefix_(std::move(prefix)) {}

  Result<KekPtr> Make() override {
    const std::string id = prefix_ + std::to_string(++count_);
    return known_[id] = MakeLocalKek(id, RandomSecret(32).value());
  }
  Result<KekPtr> Find(const std::string& id) override {
    const auto found = known_.find(id);
    if (found == known_.end()) return Fail(ErrorCode::kMissing, "no KEK " + id);
    return found->second;
  }
  void Forget(const std::string& id) { known_.erase(id); }

 private:
  const std::string prefix_;
  int count_ = 0;
  std::map<std::string, KekPtr> known_;
};

struct TestVault {
  explicit TestVault(VaultOptions options = {})
      : vault(Vault::Open(*store, keks, std::move(options)).value()) {}

  // Another one at the same store, which has nothing in memory.
  std::unique_ptr<Vault> Reopen() const { return Vault::Open(*store, keks, {}).value(); }
  KeyVersion MakeEc(const std::string& name, const KeyProperties& properties = {}) const {
    return vault->Create(name, {KeyKind::kEc}, properties, kNoon).value();
  }

  std::unique_ptr<store::Store> store = store::NewMemoryStore();
  mutable MemoryKeks keks;
  std::unique_ptr<Vault> vault;
};

// An environment that a key is released to.
class ReleaseRecipient {
 public:
  PublicKey to() const { return RsaPublicKey(key_.RsaPublic()->n, key_.RsaPublic()->e).value(); }
  // What stands in a key wrapped with OAEP of SHA-1 or SHA-256; nothing when it does not open.
  SecretBytes Unwrapped(View wrapped, RsaCipher cipher = RsaCipher::kOaepSha1) const {
    if (wrapped.size() < kModulusBytes) return {};
    const auto aes = DecryptRsa(key_, cipher, wrapped.first(kModulusBytes));
    if (!aes) return {};
    auto out = UnwrapAesKwp(aes->view(), wrapped.subspan(kModulusBytes));
    return out ? std::move(*out) : SecretBytes();
  }

 private:
  static constexpr std::size_t kModulusBytes = 256;
  const AsymmetricKey key_ = AsymmetricKey::GenerateRsa(kModulusBytes * 8).value();
};

inline KeyProperties Exportable(std::string_view policy = R"({"version":"1.0.0"})",
                                bool immutable = false) {
  KeyProperties out;
  out.exportable = true;
  out.release_policy = ReleasePolicy{"", ToBytes(AsBytes(policy)), immutable};
  return out;
}

}  // namespace assay::keys
