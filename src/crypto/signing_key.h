// Private keys that sign, and the certificates made with them. A private key exists only inside its
// EVP_PKEY and in the file it is saved to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"

struct evp_pkey_st;
struct evp_pkey_ctx_st;

namespace assay {

enum class KeyType { kRsa2048, kRsa3072, kP256 };

// The public half as RFC 7518 §6 names its parts, big-endian.
struct PublicParameters {
  std::string_view kty;  // "RSA" or "EC"
  Bytes n, e;            // RSA
  Bytes x, y;            // EC, P-256
};

// Immutable; shared by copy; usable from many threads.
class SigningKey {
 public:
  static Result<SigningKey> Generate(KeyType type);
  // An unencrypted PEM private key: RSA of 2048 bits or more, or P-256.
  static Result<SigningKey> FromPem(std::string_view pem);
  static Result<SigningKey> Load(const std::string& path);
  // PKCS #8 PEM, readable by its owner only (0600). An existing file is not overwritten.
  Result<void> Save(const std::string& path) const;

  // RS256 or ES256 (r ‖ s, 64 bytes) over `message`.
  Result<Bytes> Sign(View message) const;
  // The same over a SHA-256 digest; of EC keys as ECDSA-Sig-Value (RFC 3279 §2.2.3).
  Result<Bytes> SignDigest(View digest) const;
  std::string_view alg() const { return is_ec_ ? "ES256" : "RS256"; }
  Result<PublicParameters> Public() const;
  evp_pkey_st* raw() const { return key_.get(); }

 private:
  SigningKey(std::shared_ptr<evp_pkey_st> key, std::shared_ptr<evp_pkey_ctx_st> prepared,
             bool is_ec)
      : key_(std::move(key)), prepared_(std::move(prepared)), is_ec_(is_ec) {}
  static Result<SigningKey> Adopt(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<evp_pkey_ctx_st> prepared_;  // never signs itself: each signature copies it
  bool is_ec_;
};

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> sans;  // "DNS:localhost", "IP:127.0.0.1"
  Time not_before{};
  int days = 365;
  bool is_ca = false;
  bool is_tls_server = false;
  bool is_tls_client = false;
  std::optional<Time> not_after = std::nullopt;  // in place of `days`
};

// A certificate for `subject`'s public key with a random serial. `issuer` is null when it signs
// itself, otherwise `issuer_key`'s certificate.
Result<CertificatePtr> IssueCertificate(const SigningKey& subject,
                                        const CertificateRequest& request,
                                        const SigningKey& issuer_key, const Certificate* issuer);

// For a key whose private half is elsewhere.
Result<CertificatePtr> IssueCertificate(const PublicKey& subject, const CertificateRequest& request,
                                        const SigningKey& issuer_key, const Certificate& issuer);

std::string CertificateToPem(const Certificate& certificate);

// From the operating system's generator.
Result<Bytes> RandomBytes(std::size_t count);

}  // namespace assay
