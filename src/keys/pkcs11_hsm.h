// An HSM that holds keys, by PKCS#11: pkcs11_objects.h says how they stand in its token.
#pragma once

#include <memory>
#include <string>

#include "keys/hsm.h"
#include "keys/pkcs11_token.h"

namespace assay::keys {

// How the token does AES-KWP (RFC 5649), found out by a known answer when it is opened: modules
// give different things under that name.
struct KwpOfToken {
  unsigned long mechanism = 0;  // CK_MECHANISM_TYPE; 0: it does not do it
  // SoftHSM 2.6.1 fills a key with zeros up to a multiple of 8 bytes before it wraps it, and so
  // wraps exactly what has that size.
  bool fills = false;
};

class Pkcs11Hsm final : public Hsm {
 public:
  static Result<std::unique_ptr<Pkcs11Hsm>> Open(std::shared_ptr<Pkcs11Token> token);

  Outcome<PublicHalf> Generate(const std::string& id, const KeySpec& spec,
                               bool exportable) override;
  Outcome<void> Import(const std::string& id, const ImportedKey& key, bool exportable) override;
  Outcome<UsableKeyPtr> Open(const KeyVersion& version) override;
  Result<void> Destroy(const std::string& id) override;

 private:
  Pkcs11Hsm(std::shared_ptr<Pkcs11Token> token, KwpOfToken kwp)
      : token_(std::move(token)), kwp_(kwp) {}

  const std::shared_ptr<Pkcs11Token> token_;  // shared with the keys it gave out
  const KwpOfToken kwp_;
};

}  // namespace assay::keys
