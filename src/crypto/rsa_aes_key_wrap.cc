#include "crypto/rsa_aes_key_wrap.h"

#include "crypto/aes_key_wrap.h"
#include "crypto/secret.h"

namespace assay {

Result<Bytes> WrapRsaAes(const PublicKey& to, OaepHash hash, View material) {
  const SecretBytes ephemeral = TRY(RandomSecret(kRsaAesEphemeralBytes));
  Bytes out = TRY(EncryptOaep(to, hash, {}, ephemeral.view()));
  Append(out, TRY(WrapAesKwp(ephemeral.view(), material)));
  return out;
}

}  // namespace assay
