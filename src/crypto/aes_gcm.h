// AES-GCM (NIST SP 800-38D): hides, and proves that neither text nor additional data was changed.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace assay {

inline constexpr std::size_t kGcmIvBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

struct GcmSealed {
  Bytes iv;  // kGcmIvBytes, from the system's generator
  Bytes text;
  Bytes tag;  // kGcmTagBytes
};

// A key of 16, 24 or 32 bytes. No caller chooses the IV: two texts under one would open both.
Result<GcmSealed> SealGcm(View key, View aad, View plain);
// kInvalidArgument when it was not sealed so.
Result<SecretBytes> OpenGcm(View key, View aad, const GcmSealed& sealed);

// iv ‖ tag ‖ text, as it is stored.
Bytes PackGcm(const GcmSealed& sealed);
Result<GcmSealed> UnpackGcm(View packed);

}  // namespace assay
