#include "crypto/aes_gcm.h"

#include <openssl/err.h>

#include "base/reader.h"
#include "crypto/openssl_ptr.h"
#include "crypto/signing_key.h"

namespace assay {
namespace {

using GcmContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;

using CipherPtr = std::unique_ptr<EVP_CIPHER, OpensslDeleter<EVP_CIPHER_free>>;

CipherPtr Fetch(const char* name) { return CipherPtr(EVP_CIPHER_fetch(nullptr, name, nullptr)); }

// Fetched once: OpenSSL 3 searches its providers for EVP_aes_256_gcm() at each use.
const EVP_CIPHER* GcmOf(std::size_t key_bytes) {
  static const CipherPtr k128 = Fetch("AES-128-GCM"), k192 = Fetch("AES-192-GCM"),
                         k256 = Fetch("AES-256-GCM");
  switch (key_bytes) {
    case 16: return k128.get();
    case 24: return k192.get();
    case 32: return k256.get();
    default: return nullptr;
  }
}

tl::unexpected<Error> BadGcmKey() {
  return Fail(ErrorCode::kInvalidArgument, "AES-GCM: expected a key of 16, 24 or 32 bytes");
}

unsigned char* GcmOut(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// Key and IV are set, and the additional data is read.
bool Begin(EVP_CIPHER_CTX* context, bool seal, View key, View iv, View aad) {
  int size = 0;
  return context != nullptr &&
         EVP_CipherInit_ex(context, GcmOf(key.size()), nullptr, Raw(key), Raw(iv), seal ? 1 : 0) ==
             1 &&
         EVP_CipherUpdate(context, nullptr, &size, Raw(aad), static_cast<int>(aad.size())) == 1;
}

}  // namespace

Result<GcmSealed> SealGcm(View key, View aad, View plain) {
  if (GcmOf(key.size()) == nullptr) return BadGcmKey();
  GcmSealed out{TRY(RandomBytes(kGcmIvBytes)), Bytes(plain.size()), Bytes(kGcmTagBytes)};
  const GcmContextPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool ok =
      Begin(context.get(), true, key, out.iv, aad) &&
      EVP_CipherUpdate(context.get(), GcmOut(out.text), &size, Raw(plain),
                       static_cast<int>(plain.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), GcmOut(out.text) + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, out.tag.data()) == 1;
  ERR_clear_error();
  if (!ok || static_cast<std::size_t>(size) + static_cast<std::size_t>(rest) != plain.size()) {
    return Fail(ErrorCode::kInternal, "OpenSSL could not encrypt with AES-GCM");
  }
  return out;
}

Result<SecretBytes> OpenGcm(View key, View aad, const GcmSealed& sealed) {
  if (GcmOf(key.size()) == nullptr) return BadGcmKey();
  // A shorter tag is easier to guess (SP 800-38D §5.2.1.2).
  bool ok = sealed.iv.size() == kGcmIvBytes && sealed.tag.size() == kGcmTagBytes;
  Bytes tag = sealed.tag;
  SecretBytes out(sealed.text.size());
  const GcmContextPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  ok = ok && Begin(context.get(), false, key, sealed.iv, aad) &&
       EVP_CipherUpdate(context.get(), GcmOut(out.writable()), &size, Raw(sealed.text),
                        static_cast<int>(sealed.text.size())) == 1 &&
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1 &&
       EVP_CipherFinal_ex(context.get(), GcmOut(out.writable()) + size, &rest) == 1;
  ERR_clear_error();
  if (!ok) {
    return Fail(ErrorCode::kInvalidArgument,
                "AES-GCM: this was not encrypted with that key and additional data");
  }
  return out;
}

Bytes PackGcm(const GcmSealed& sealed) {
  Bytes out = sealed.iv;
  Append(out, sealed.tag);
  Append(out, sealed.text);
  return out;
}

Result<GcmSealed> UnpackGcm(View packed) {
  Reader reader(packed, "AES-GCM");
  GcmSealed out;
  out.iv = ToBytes(TRY(reader.Take(kGcmIvBytes, "IV")));
  out.tag = ToBytes(TRY(reader.Take(kGcmTagBytes, "tag")));
  out.text = ToBytes(reader.rest());
  return out;
}

}  // namespace assay
