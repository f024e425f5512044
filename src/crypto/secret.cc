#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <new>
#include <string>

namespace assay {

bool SecretEqual(View a, View b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Cleanse(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

Result<bool> OpenSecretArena(std::size_t size) {
  constexpr std::size_t kLeastBlock = 16;
  const int result = CRYPTO_secure_malloc_init(size, kLeastBlock);
  if (result == 0) {
    return Fail(ErrorCode::kInternal, "no memory for secrets could be set apart",
                "is there less address space than " + std::to_string(size) + " bytes?");
  }
  return result == 1;
}

SecretBytes::SecretBytes(std::size_t size) {
  if (size == 0) return;
  auto* const room = static_cast<std::byte*>(OPENSSL_secure_zalloc(size));
  if (room == nullptr) throw std::bad_alloc();
  bytes_ = std::unique_ptr<std::byte[], CleanseAndFree>(room, CleanseAndFree{size});
}

SecretBytes::SecretBytes(View copied) : SecretBytes(copied.size()) {
  std::copy(copied.begin(), copied.end(), bytes_.get());
}

void CleanseAndFree::operator()(std::byte* bytes) const { OPENSSL_secure_clear_free(bytes, size); }

Result<SecretBytes> RandomSecret(std::size_t size) {
  SecretBytes out(size);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.writable().data()), static_cast<int>(size)) !=
      1) {
    return Fail(ErrorCode::kInternal, "OpenSSL has no random bytes");
  }
  return out;
}

}  // namespace assay
