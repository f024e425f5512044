// AES-GCM by a key in a token (CKM_AES_GCM). Included by sources over PKCS#11 alone.
#pragma once

#include "crypto/aes_gcm.h"
#include "keys/pkcs11_session.h"

namespace assay::keys {

Outcome<GcmSealed> SealGcmInToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, View aad,
                                  View plain);
Outcome<SecretBytes> OpenGcmInToken(Pkcs11Session& session, CK_OBJECT_HANDLE key, View aad,
                                    const GcmSealed& sealed);

}  // namespace assay::keys
