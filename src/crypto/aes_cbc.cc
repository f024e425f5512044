#include "crypto/aes_cbc.h"

#include <openssl/err.h>

#include "crypto/aes_cfb.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using CbcContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;

const EVP_CIPHER* CbcOf(std::size_t key_bytes) {
  switch (key_bytes) {
    case 16: return EVP_aes_128_cbc();
    case 24: return EVP_aes_192_cbc();
    case 32: return EVP_aes_256_cbc();
    default: return nullptr;
  }
}

Result<void> CheckCbc(View key, View iv) {
  if (CbcOf(key.size()) == nullptr || iv.size() != kAesBlockBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "AES-CBC: expected a key of 16, 24 or 32 bytes and an IV of 16");
  }
  return {};
}

// `out` has room for a block more than `in`. The size of what was written; nothing on failure.
bool RunCbc(bool encrypt, View key, View iv, CbcPadding padding, View in, std::span<std::byte> out,
            std::size_t& written) {
  const CbcContextPtr context(EVP_CIPHER_CTX_new());
  auto* const raw = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  int rest = 0;
  const bool ok =
      context &&
      EVP_CipherInit_ex(context.get(), CbcOf(key.size()), nullptr,
                        reinterpret_cast<const unsigned char*>(key.data()),
                        reinterpret_cast<const unsigned char*>(iv.data()), encrypt ? 1 : 0) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), padding == CbcPadding::kPkcs7 ? 1 : 0) == 1 &&
      EVP_CipherUpdate(context.get(), raw, &size, reinterpret_cast<const unsigned char*>(in.data()),
                       static_cast<int>(in.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), raw + size, &rest) == 1;
  ERR_clear_error();
  written = static_cast<std::size_t>(size) + static_cast<std::size_t>(rest);
  return ok;
}

}  // namespace

Result<void> CheckCbcText(View iv, CbcPadding padding, View plain) {
  if (iv.size() != kAesBlockBytes) {
    return Fail(ErrorCode::kInvalidArgument, "AES-CBC: expected an IV of 16 bytes");
  }
  if (padding == CbcPadding::kNone && plain.size() % kAesBlockBytes != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "AES-CBC without padding: expected a multiple of 16 bytes");
  }
  return {};
}

Result<Bytes> EncryptAesCbc(View key, View iv, CbcPadding padding, View plain) {
  TRY_VOID(CheckCbc(key, iv));
  TRY_VOID(CheckCbcText(iv, padding, plain));
  Bytes out(plain.size() + kAesBlockBytes);
  std::size_t size = 0;
  if (!RunCbc(true, key, iv, padding, plain, out, size)) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with AES-CBC");
  }
  out.resize(size);
  return out;
}

Result<SecretBytes> DecryptAesCbc(View key, View iv, CbcPadding padding, View text) {
  TRY_VOID(CheckCbc(key, iv));
  SecretBytes room(text.size() + kAesBlockBytes);
  std::size_t size = 0;
  if (text.size() % kAesBlockBytes != 0 ||
      !RunCbc(false, key, iv, padding, text, room.writable(), size)) {
    return Fail(ErrorCode::kInvalidArgument, "this was not encrypted with that key and IV");
  }
  return SecretBytes(room.view().first(size));
}

}  // namespace assay
