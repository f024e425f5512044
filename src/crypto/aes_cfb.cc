#include "crypto/aes_cfb.h"

#include <openssl/err.h>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using EvpCipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;

}  // namespace

Result<Bytes> EncryptAesCfb128(View key, View iv, View plain) {
  if ((key.size() != 16 && key.size() != 32) || iv.size() != kAesBlockBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "AES-CFB: expected a key of 16 or 32 bytes and an IV of 16");
  }
  const EVP_CIPHER* const cipher = key.size() == 16 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128();
  const EvpCipherCtxPtr context(EVP_CIPHER_CTX_new());
  Bytes out(plain.size());
  int size = 0;
  // A stream mode: all comes out of the one update.
  const bool ok = context &&
                  EVP_EncryptInit_ex(context.get(), cipher, nullptr, Raw(key), Raw(iv)) == 1 &&
                  EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                    &size, Raw(plain), static_cast<int>(plain.size())) == 1;
  ERR_clear_error();
  if (!ok || static_cast<std::size_t>(size) != out.size()) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with AES-CFB");
  }
  return out;
}

}  // namespace assay
