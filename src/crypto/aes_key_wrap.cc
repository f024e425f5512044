#include "crypto/aes_key_wrap.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <string_view>

#include "base/limits.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using WrapContext = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;

constexpr std::size_t kSemiblock = 8;

const EVP_CIPHER* WrapCipher(KeyWrap wrap, std::size_t kek_bytes) {
  const bool padded = wrap == KeyWrap::kKwp;
  switch (kek_bytes) {
    case 16: return padded ? EVP_aes_128_wrap_pad() : EVP_aes_128_wrap();
    case 24: return padded ? EVP_aes_192_wrap_pad() : EVP_aes_192_wrap();
    case 32: return padded ? EVP_aes_256_wrap_pad() : EVP_aes_256_wrap();
    default: return nullptr;
  }
}

// Runs the cipher over all of `in` at once; false when OpenSSL refuses it.
bool RunWrap(const EVP_CIPHER* cipher, bool encrypt, View kek, View in, std::span<std::byte> out,
             int& size) {
  const WrapContext context(EVP_CIPHER_CTX_new());
  if (!context) return false;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const bool ok = EVP_CipherInit_ex(context.get(), cipher, nullptr,
                                    reinterpret_cast<const unsigned char*>(kek.data()), nullptr,
                                    encrypt ? 1 : 0) == 1 &&
                  EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                   &size, reinterpret_cast<const unsigned char*>(in.data()),
                                   static_cast<int>(in.size())) == 1;
  ERR_clear_error();
  return ok && size > 0 && static_cast<std::size_t>(size) <= out.size();
}

Result<const EVP_CIPHER*> CipherFor(KeyWrap wrap, View kek) {
  const EVP_CIPHER* const cipher = WrapCipher(wrap, kek.size());
  if (cipher == nullptr) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("AES key wrap: expected a key-encryption key of 16, 24 or 32 bytes, found {}",
                    kek.size()));
  }
  return cipher;
}

Result<Bytes> WrapWith(KeyWrap wrap, View kek, View key) {
  const EVP_CIPHER* const cipher = TRY(CipherFor(wrap, kek));
  const std::size_t padded = (key.size() + kSemiblock - 1) / kSemiblock * kSemiblock;
  Bytes out(padded + 2 * kSemiblock);  // OpenSSL writes within what it names as the size
  int size = 0;
  if (!RunWrap(cipher, true, kek, key, out, size)) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not wrap a key with AES");
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<SecretBytes> UnwrapWith(KeyWrap wrap, View kek, View wrapped) {
  const EVP_CIPHER* const cipher = TRY(CipherFor(wrap, kek));
  SecretBytes out(wrapped.size());
  int size = 0;
  if (!RunWrap(cipher, false, kek, wrapped, out.writable(), size)) {
    return Fail(ErrorCode::kInvalidArgument,
                "AES key wrap: it was wrapped under another key, or changed since");
  }
  return SecretBytes(out.view().first(static_cast<std::size_t>(size)));
}

// Before OpenSSL sees it: the sizes that the two specifications allow. `overhead` is what wrapping
// added.
Result<void> CheckSize(View bytes, std::size_t least, std::size_t overhead, bool in_semiblocks) {
  const std::size_t most = limits::kWrappedKeyBytes + overhead;
  if (bytes.size() >= least && bytes.size() <= most &&
      (!in_semiblocks || bytes.size() % kSemiblock == 0)) {
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("AES key wrap: expected {} to {} bytes{}, found {}", least, most,
                          in_semiblocks ? " in a multiple of 8" : "", bytes.size()));
}

}  // namespace

Result<void> CheckKeyToWrap(KeyWrap wrap, View key) {
  return wrap == KeyWrap::kKwp ? CheckSize(key, 1, 0, false)
                               : CheckSize(key, 2 * kSemiblock, 0, true);
}

Result<void> CheckWrappedKey(KeyWrap wrap, View wrapped) {
  return CheckSize(wrapped, (wrap == KeyWrap::kKwp ? 2 : 3) * kSemiblock, kSemiblock, true);
}

Result<Bytes> WrapAesKw(View kek, View key) {
  TRY_VOID(CheckKeyToWrap(KeyWrap::kKw, key));
  return WrapWith(KeyWrap::kKw, kek, key);
}

Result<SecretBytes> UnwrapAesKw(View kek, View wrapped) {
  TRY_VOID(CheckWrappedKey(KeyWrap::kKw, wrapped));
  return UnwrapWith(KeyWrap::kKw, kek, wrapped);
}

Result<Bytes> WrapAesKwp(View kek, View key) {
  TRY_VOID(CheckKeyToWrap(KeyWrap::kKwp, key));
  return WrapWith(KeyWrap::kKwp, kek, key);
}

Result<SecretBytes> UnwrapAesKwp(View kek, View wrapped) {
  TRY_VOID(CheckWrappedKey(KeyWrap::kKwp, wrapped));
  return UnwrapWith(KeyWrap::kKwp, kek, wrapped);
}

}  // namespace assay
