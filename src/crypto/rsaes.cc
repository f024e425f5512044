#include "crypto/rsaes.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/openssl_ptr.h"

namespace assay {

Result<Bytes> EncryptRsaes(const PublicKey& key, View plain) {
  if (EVP_PKEY_get_base_id(key.raw()) != EVP_PKEY_RSA) {
    return Fail(ErrorCode::kInvalidArgument, "RSAES: expected an RSA key");
  }
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = out.size();
  const bool ok =
      context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       reinterpret_cast<const unsigned char*>(plain.data()), plain.size()) == 1;
  ERR_clear_error();
  if (!ok || size != out.size()) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with RSAES-PKCS1-v1_5");
  }
  return out;
}

}  // namespace assay
