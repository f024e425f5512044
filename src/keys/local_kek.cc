#include "keys/local_kek.h"

#include <utility>

#include "crypto/aes_gcm.h"

namespace assay::keys {
namespace {

class LocalKek final : public KeyEncryptionKey {
 public:
  LocalKek(std::string id, SecretBytes key) : id_(std::move(id)), key_(std::move(key)) {}

  std::string id() const override { return id_; }

  Result<Bytes> Wrap(View context, const SecretBytes& secret) override {
    return PackGcm(TRY(SealGcm(key_.view(), context, secret.view())));
  }

  Result<SecretBytes> Unwrap(View context, View wrapped) override {
    return OpenGcm(key_.view(), context, TRY(UnpackGcm(wrapped)));
  }

 private:
  const std::string id_;
  const SecretBytes key_;
};

}  // namespace

KekPtr MakeLocalKek(std::string id, SecretBytes key) {
  return std::make_shared<LocalKek>(std::move(id), std::move(key));
}

}  // namespace assay::keys
