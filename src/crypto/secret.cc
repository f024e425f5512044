#include "crypto/secret.h"

#include <openssl/crypto.h>

namespace assay {

void Cleanse(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace assay
