#include "crypto/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

namespace assay {
namespace {

template <std::size_t N>
ByteArray<N> Hmac(const EVP_MD* hash, View key, View message) {
  // A null key would mean "the key of before".
  static constexpr std::byte kNoKey{};
  const void* const start = key.empty() ? &kNoKey : key.data();
  ByteArray<N> out{};
  unsigned size = 0;
  if (HMAC(hash, start, static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size) == nullptr ||
      size != N) {
    std::abort();  // as a digest: it fails only when memory is out
  }
  return out;
}

}  // namespace

Sha256Digest HmacSha256(View key, View message) { return Hmac<32>(EVP_sha256(), key, message); }
Sha384Digest HmacSha384(View key, View message) { return Hmac<48>(EVP_sha384(), key, message); }

}  // namespace assay
