#include "crypto/oaep.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

const EVP_MD* DigestOf(OaepHash hash) {
  switch (hash) {
    case OaepHash::kSha1: return EVP_sha1();
    case OaepHash::kSha256: return EVP_sha256();
    case OaepHash::kSha384: return EVP_sha384();
  }
  return nullptr;  // no other value exists; OpenSSL refuses it
}

// OpenSSL takes the label over, so it gets a copy of its own.
bool SetLabel(EVP_PKEY_CTX* context, View label) {
  if (label.empty()) return true;
  void* const copy = OPENSSL_memdup(label.data(), label.size());
  if (copy == nullptr) return false;
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, static_cast<int>(label.size())) == 1) {
    return true;
  }
  OPENSSL_free(copy);
  return false;
}

}  // namespace

Result<Bytes> EncryptOaep(const PublicKey& key, OaepHash hash, View label, View plain) {
  if (EVP_PKEY_get_base_id(key.raw()) != EVP_PKEY_RSA) {
    return Fail(ErrorCode::kInvalidArgument, "OAEP: expected an RSA key");
  }
  const EVP_MD* const md = DigestOf(hash);
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = out.size();
  const bool ok = context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md) == 1 &&
                  SetLabel(context.get(), label) &&
                  EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                   &size, Raw(plain), plain.size()) == 1;
  ERR_clear_error();
  if (!ok || size != out.size()) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with RSA-OAEP");
  }
  return out;
}

}  // namespace assay
