#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <utility>

namespace assay {

bool SecretEqual(View a, View b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Cleanse(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Cleanse(bytes_);
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

SecretBytes::~SecretBytes() { Cleanse(bytes_); }

Result<SecretBytes> RandomSecret(std::size_t size) {
  SecretBytes out(size);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.writable().data()), static_cast<int>(size)) !=
      1) {
    return Fail(ErrorCode::kInternal, "OpenSSL has no random bytes");
  }
  return out;
}

}  // namespace assay
