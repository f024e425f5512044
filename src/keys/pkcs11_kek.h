// Key-encryption keys in an HSM, by PKCS#11: AES-256 keys that never leave it.
//
// A KEK is a token object of class CKO_SECRET_KEY with the label "assay-kek"; its CKA_ID is its id.
// It is used only if it is sensitive and not extractable. Data keys are wrapped with CKM_AES_GCM:
//
//   IV (12 bytes) ‖ ciphertext ‖ tag (16 bytes)
#pragma once

#include <memory>
#include <string>

#include "keys/key_encryption_key.h"
#include "keys/pkcs11_token.h"

namespace assay::keys {

class Pkcs11Keks final : public KekKeeper {
 public:
  explicit Pkcs11Keks(std::shared_ptr<Pkcs11Token> token) : token_(std::move(token)) {}

  Result<KekPtr> Make() override;
  Result<KekPtr> Find(const std::string& id) override;

 private:
  const std::shared_ptr<Pkcs11Token> token_;  // shared with the KEKs it gave out
};

}  // namespace assay::keys
