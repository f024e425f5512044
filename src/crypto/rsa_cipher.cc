#include "crypto/rsa_cipher.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

const unsigned char* RawIn(View view) {
  return reinterpret_cast<const unsigned char*>(view.data());
}

bool SetPadding(EVP_PKEY_CTX* context, RsaCipher cipher) {
  if (cipher == RsaCipher::kPkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  const EVP_MD* const md = cipher == RsaCipher::kOaepSha1 ? EVP_sha1() : EVP_sha256();
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, md) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1;
}

// What padding takes away at least: RFC 8017 §7.1.1 and §7.2.1.
std::size_t Overhead(RsaCipher cipher) {
  if (cipher == RsaCipher::kPkcs1) return 11;
  return cipher == RsaCipher::kOaepSha1 ? 2 * 20 + 2 : 2 * 32 + 2;
}

}  // namespace

Result<void> CheckRsaPlain(RsaCipher cipher, std::size_t modulus_bytes, View plain) {
  const std::size_t most = modulus_bytes - Overhead(cipher);
  if (plain.size() <= most) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("expected at most {} bytes, found {}", most, plain.size()));
}

Result<Bytes> EncryptRsa(const AsymmetricKey& key, RsaCipher cipher, View plain) {
  if (!key.is_rsa()) return Fail(ErrorCode::kInvalidArgument, "expected an RSA key");
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  TRY_VOID(CheckRsaPlain(cipher, out.size(), plain));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  std::size_t size = out.size();
  const bool ok = context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
                  SetPadding(context.get(), cipher) &&
                  EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                   &size, RawIn(plain), plain.size()) == 1;
  ERR_clear_error();
  if (!ok || size != out.size()) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with RSA");
  }
  return out;
}

Result<SecretBytes> DecryptRsa(const AsymmetricKey& key, RsaCipher cipher, View sealed) {
  if (!key.is_rsa()) return Fail(ErrorCode::kInvalidArgument, "expected an RSA key");
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  SecretBytes room(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = room.size();
  const bool ok =
      context && sealed.size() == room.size() && EVP_PKEY_decrypt_init(context.get()) == 1 &&
      SetPadding(context.get(), cipher) &&
      EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(room.writable().data()),
                       &size, RawIn(sealed), sealed.size()) == 1;
  ERR_clear_error();
  if (!ok) return Fail(ErrorCode::kInvalidArgument, "this was not encrypted with that key");
  return SecretBytes(room.view().first(size));
}

}  // namespace assay
