// RSA and EC keys of a key vault: made, taken apart and put together. What is done with them stands
// in rsa_cipher.h and digest_signature.h.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace assay {

// As JSON Web Keys name them: P-256K is secp256k1 (RFC 8812 §3.1).
enum class NamedCurve { kP256, kP384, kP521, kP256K };

// Bytes of a coordinate: 32, 48, 66, 32.
std::size_t CoordinateBytes(NamedCurve curve);

// Numbers are big-endian; those of EC have the size of a coordinate.
struct RsaPublicParts {
  Bytes n, e;

  bool operator==(const RsaPublicParts&) const = default;
};
// As RFC 7518 §6.3.2 names them. All are needed: a key without its primes is slow, and cannot be
// checked.
struct RsaPrivateParts {
  SecretBytes d, p, q, dp, dq, qi;
};
struct EcPublicParts {
  NamedCurve curve = NamedCurve::kP256;
  Bytes x, y;

  bool operator==(const EcPublicParts&) const = default;
};

// kInvalidArgument for a key of another kind.
Result<RsaPublicParts> RsaPartsOf(const PublicKey& key);
// What GenerateRsa makes: kInvalidArgument for other sizes and exponents.
Result<void> CheckRsaSpec(unsigned bits, std::uint32_t exponent);

// Immutable; shared by copy; usable from many threads.
class AsymmetricKey {
 public:
  // 2048, 3072 or 4096 bits; an odd exponent from 65537 on (FIPS 186-5 §5.4).
  static Result<AsymmetricKey> GenerateRsa(unsigned bits, std::uint32_t exponent = 65537);
  static Result<AsymmetricKey> GenerateEc(NamedCurve curve);

  // Public halves. A weak RSA key is refused (crypto/jose.h), and a point off its curve.
  static Result<AsymmetricKey> FromRsa(const RsaPublicParts& parts);
  static Result<AsymmetricKey> FromEc(const EcPublicParts& parts);
  // Whole keys of a stranger: that the halves belong together is checked.
  static Result<AsymmetricKey> FromRsa(const RsaPublicParts& parts, const RsaPrivateParts& secret);
  static Result<AsymmetricKey> FromEc(const EcPublicParts& parts, View d);

  // An unencrypted PEM private key.
  static Result<AsymmetricKey> LoadPem(const std::string& path);
  // PKCS #8 PrivateKeyInfo (RFC 5958), not encrypted: what was written by ToPkcs8.
  static Result<AsymmetricKey> FromPkcs8(View der);
  Result<SecretBytes> ToPkcs8() const;

  bool is_rsa() const { return !curve_.has_value(); }
  std::optional<NamedCurve> curve() const { return curve_; }  // nothing for RSA
  unsigned bits() const;
  Result<RsaPublicParts> RsaPublic() const;  // kInvalidArgument for a key of the other kind
  Result<EcPublicParts> EcPublic() const;
  // Of whole keys.
  Result<RsaPrivateParts> RsaPrivate() const;
  Result<SecretBytes> EcPrivate() const;  // d, of the size of a coordinate
  evp_pkey_st* raw() const { return key_.get(); }

 private:
  AsymmetricKey(std::shared_ptr<evp_pkey_st> key, std::optional<NamedCurve> curve)
      : key_(std::move(key)), curve_(curve) {}
  static Result<AsymmetricKey> Adopt(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
  std::optional<NamedCurve> curve_;
};

}  // namespace assay
