#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>
#include <memory>

#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using MacPtr = std::unique_ptr<EVP_MAC, OpensslDeleter<EVP_MAC_free>>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, OpensslDeleter<EVP_MAC_CTX_free>>;

MacContextPtr Prepared(const char* digest) {
  const MacPtr mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  MacContextPtr out(EVP_MAC_CTX_new(mac.get()));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end()};
  if (!out || EVP_MAC_CTX_set_params(out.get(), parameters) != 1) return nullptr;
  return out;
}

// A copy of a context that has no key yet: HMAC() searches OpenSSL's providers at each call.
template <std::size_t N>
ByteArray<N> Hmac(const EVP_MAC_CTX* prepared, View key, View message) {
  // A null key would mean "the key of before".
  static constexpr unsigned char kNoKey{};
  const MacContextPtr context(prepared != nullptr ? EVP_MAC_CTX_dup(prepared) : nullptr);
  ByteArray<N> out{};
  std::size_t size = 0;
  if (!context ||
      EVP_MAC_init(context.get(), key.empty() ? &kNoKey : Raw(key), key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), Raw(message), message.size()) != 1 ||
      EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, N) != 1 ||
      size != N) {
    std::abort();  // as a digest: it fails only when memory is out
  }
  return out;
}

}  // namespace

Sha256Digest HmacSha256(View key, View message) {
  static const MacContextPtr prepared = Prepared("SHA2-256");
  return Hmac<32>(prepared.get(), key, message);
}

Sha384Digest HmacSha384(View key, View message) {
  static const MacContextPtr prepared = Prepared("SHA2-384");
  return Hmac<48>(prepared.get(), key, message);
}

}  // namespace assay
