// A key that is ready to be used, wherever its material is: in this process (key_material.h) or in
// an HSM (pkcs11_key.h). Nobody above knows which.
#pragma once

#include <memory>

#include "crypto/aes_cbc.h"
#include "crypto/aes_gcm.h"
#include "crypto/aes_key_wrap.h"
#include "crypto/digest_signature.h"
#include "crypto/oaep.h"
#include "crypto/rsa_cipher.h"
#include "keys/fault.h"

namespace assay::keys {

// Immutable; usable from many threads. What a kind of key does not do refuses (usable_key.cc). So
// does what an HSM cannot do: kNotSupported, with what it lacks.
class UsableKey {
 public:
  UsableKey() = default;
  virtual ~UsableKey() = default;
  UsableKey(const UsableKey&) = delete;
  UsableKey& operator=(const UsableKey&) = delete;

  // RSA, EC
  virtual Outcome<Bytes> Sign(DigestSignature algorithm, View digest) const;
  virtual Outcome<bool> Verify(DigestSignature algorithm, View digest, View signature) const;
  // RSA
  virtual Outcome<Bytes> Encrypt(RsaCipher cipher, View plain) const;
  virtual Outcome<SecretBytes> Decrypt(RsaCipher cipher, View sealed) const;
  // oct
  virtual Outcome<GcmSealed> SealGcm(View aad, View plain) const;
  virtual Outcome<SecretBytes> OpenGcm(View aad, const GcmSealed& sealed) const;
  virtual Outcome<Bytes> EncryptCbc(View iv, CbcPadding padding, View plain) const;
  virtual Outcome<SecretBytes> DecryptCbc(View iv, CbcPadding padding, View text) const;
  virtual Outcome<Bytes> Wrap(KeyWrap wrap, View key) const;
  virtual Outcome<SecretBytes> Unwrap(KeyWrap wrap, View wrapped) const;

  // The key itself by CKM_RSA_AES_KEY_WRAP (crypto/rsa_aes_key_wrap.h): for release_export.h alone.
  virtual Outcome<Bytes> Release(const PublicKey& to, OaepHash hash) const = 0;
};

using UsableKeyPtr = std::shared_ptr<const UsableKey>;

}  // namespace assay::keys
