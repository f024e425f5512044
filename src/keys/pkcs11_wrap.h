// Keys wrapped by keys in a token. Included by sources over PKCS#11 alone.
#pragma once

#include "crypto/aes_key_wrap.h"
#include "crypto/oaep.h"
#include "keys/pkcs11_hsm.h"
#include "keys/pkcs11_session.h"

namespace assay::keys {

// By the known answer of this process's own AES-KWP.
Result<KwpOfToken> FindKwp(Pkcs11Token& token);

// Bytes that a caller brings, under an AES key of the token, and back.
Outcome<Bytes> WrapInToken(Pkcs11Session& session, CK_MECHANISM_TYPE mechanism,
                           CK_OBJECT_HANDLE kek, View key);
Outcome<SecretBytes> UnwrapInToken(Pkcs11Session& session, CK_MECHANISM_TYPE mechanism,
                                   CK_OBJECT_HANDLE kek, View wrapped);

// A key of the token by CKM_RSA_AES_KEY_WRAP, in its two steps, which every token has that has
// C_WrapKey: an AES-256 key of the moment under RSA-OAEP, and the key under that AES key.
//
// Where the token cannot do OAEP with that hash (SoftHSM 2.6.1: SHA-1 only), the AES key is drawn
// and encrypted by OpenSSL in this process. The key that leaves is wrapped in the token either way.
Outcome<Bytes> ReleaseFromToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, KwpOfToken kwp,
                                const PublicKey& to, OaepHash hash);

}  // namespace assay::keys
