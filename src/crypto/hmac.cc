#include "crypto/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace assay {

Sha256Digest HmacSha256(View key, View data) {
  Sha256Digest out{};
  unsigned int size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(data.data());
  auto* const result = reinterpret_cast<unsigned char*>(out.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, data.size(), result,
           &size) == nullptr) {
    throw std::runtime_error("HMAC-SHA256 failed");
  }
  return out;
}

}  // namespace assay
