// Key-encryption keys in an HSM, by PKCS#11 (OASIS PKCS #11 v2.40): AES-256 keys that never leave
// it.
//
// A KEK is a token object of class CKO_SECRET_KEY with the label "assay-kek"; its CKA_ID is its id.
// It is used only if it is sensitive and not extractable. Data keys are wrapped with CKM_AES_GCM:
//
//   IV (12 bytes) ‖ ciphertext ‖ tag (16 bytes)
#pragma once

#include <memory>
#include <string>

#include "crypto/secret.h"
#include "keys/key_encryption_key.h"

namespace assay::keys {

struct Pkcs11Options {
  std::string module;  // path of the vendor's library
  std::string token;   // label
  SecretBytes pin;     // of its user
};

// Logged in as long as it lives. One at a time in a process: the login is the process's.
class Pkcs11Keks final : public KekKeeper {
 public:
  static Result<std::unique_ptr<Pkcs11Keks>> Open(Pkcs11Options options);
  ~Pkcs11Keks() override;

  Result<KekPtr> Make() override;
  Result<KekPtr> Find(const std::string& id) override;

 private:
  class Token;
  explicit Pkcs11Keks(std::shared_ptr<Token> token) : token_(std::move(token)) {}
  friend class Pkcs11Kek;

  const std::shared_ptr<Token> token_;  // shared with the KEKs it gave out
};

}  // namespace assay::keys
