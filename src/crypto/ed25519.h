// Ed25519 (RFC 8032 §5.1, FIPS 186-5 §7): signatures of checkpoints, witnesses and receipts.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace assay {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

// Immutable; shared by copy; usable from many threads.
class Ed25519PublicKey {
 public:
  // The 32 bytes of RFC 8032 §5.1.2. Whether they are a point is found out at the first signature.
  static Result<Ed25519PublicKey> FromBytes(View bytes);

  bool Verify(View message, View signature) const;
  const ByteArray<kEd25519KeyBytes>& bytes() const { return bytes_; }

 private:
  Ed25519PublicKey(std::shared_ptr<evp_pkey_st> key, const ByteArray<kEd25519KeyBytes>& bytes)
      : key_(std::move(key)), bytes_(bytes) {}

  std::shared_ptr<evp_pkey_st> key_;
  ByteArray<kEd25519KeyBytes> bytes_;
};

// Immutable; shared by copy; usable from many threads.
class Ed25519Key {
 public:
  static Result<Ed25519Key> Generate();
  // The private key of RFC 8032 §5.1.5: 32 random bytes.
  static Result<Ed25519Key> FromSeed(View seed);

  Result<SecretBytes> Seed() const;
  Result<Bytes> Sign(View message) const;  // kEd25519SignatureBytes
  const Ed25519PublicKey& Public() const { return public_; }

 private:
  Ed25519Key(std::shared_ptr<evp_pkey_st> key, Ed25519PublicKey half)
      : key_(std::move(key)), public_(std::move(half)) {}

  std::shared_ptr<evp_pkey_st> key_;
  Ed25519PublicKey public_;
};

}  // namespace assay
