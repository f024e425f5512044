// PKCS #11's CKM_RSA_AES_KEY_WRAP: an AES-256 key that is made here and gone afterwards, under
// RSA-OAEP; behind it the key that is wrapped, under that AES key by AES-KWP (RFC 5649).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/oaep.h"

namespace assay {

inline constexpr std::size_t kRsaAesEphemeralBytes = 32;

// `material` is PKCS #8 of an RSA or EC key, or the bytes of a symmetric one.
Result<Bytes> WrapRsaAes(const PublicKey& to, OaepHash hash, View material);

}  // namespace assay
