// AES key wrap (RFC 3394; KW of NIST SP 800-38F §6.2) and the same with padding (RFC 5649; KWP of
// §6.3): they hide a key and prove, when it is unwrapped, that nothing was changed.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace assay {

// The key-encryption key has 16, 24 or 32 bytes, everywhere here.

enum class KeyWrap { kKw, kKwp };

// The sizes that the specifications and limits::kWrappedKeyBytes allow, of a key and of a wrapped
// one.
Result<void> CheckKeyToWrap(KeyWrap wrap, View key);
Result<void> CheckWrappedKey(KeyWrap wrap, View wrapped);

// `key` has a multiple of 8 bytes, at least 16 and at most limits::kWrappedKeyBytes. The result has
// 8 bytes more.
Result<Bytes> WrapAesKw(View kek, View key);
// kInvalidArgument when it was not wrapped under `kek`, or was changed.
Result<SecretBytes> UnwrapAesKw(View kek, View wrapped);

// `key` has 1 to limits::kWrappedKeyBytes bytes. The result has that size, up to a multiple of 8,
// and 8 bytes more.
Result<Bytes> WrapAesKwp(View kek, View key);
Result<SecretBytes> UnwrapAesKwp(View kek, View wrapped);

}  // namespace assay
