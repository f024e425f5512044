// AES in 128-bit cipher feedback mode (NIST SP 800-38A §6.3), as TPMs protect what leaves them. It
// hides and does not authenticate: an HMAC stands beside it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace assay {

inline constexpr std::size_t kAesBlockBytes = 16;

// A key of 16 or 32 bytes, an IV of one block. The ciphertext has the size of `plain`.
Result<Bytes> EncryptAesCfb128(View key, View iv, View plain);

}  // namespace assay
