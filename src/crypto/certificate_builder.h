// Certificates and revocation lists of made-up vendor hierarchies, for simulations and tests: every
// field can be chosen, also wrongly. Production never issues anything with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"

struct evp_pkey_st;

namespace assay {

class SigningKey;

// What vendors' hierarchies are made of: Intel's of P-256, AMD's of RSA 4096 with PSS over P-384;
// endorsement keys of TPMs are often of RSA 2048.
enum class VendorKeyType { kP256, kP384, kRsa2048, kRsa4096 };

// A throw-away private key, never stored. Immutable and shared by copy.
class VendorKey {
 public:
  static Result<VendorKey> Generate(VendorKeyType type);

  // ECDSA with the digest of the curve's size; r ‖ s, big-endian.
  Result<Bytes> SignEcdsa(View message) const;
  Result<Bytes> SignEcdsaDigest(View digest) const;  // of any size
  Result<Bytes> Point() const;                       // x ‖ y, EC only
  VendorKeyType type() const { return type_; }
  evp_pkey_st* raw() const { return key_.get(); }

 private:
  VendorKey(std::shared_ptr<evp_pkey_st> key, VendorKeyType type)
      : key_(std::move(key)), type_(type) {}

  std::shared_ptr<evp_pkey_st> key_;
  VendorKeyType type_;
};

// RSASSA over SHA-1, as old TPMs sign.
Result<Bytes> SignRsaSha1(const SigningKey& key, View message);

// RSA-PSS over SHA-256 with a salt of its size, as Windows' secure kernel signs, and PS256.
Result<Bytes> SignRsaPss(const SigningKey& key, View message);

struct CertificateSpec {
  std::string common_name;
  std::string organisation;
  Time not_before{}, not_after{};
  bool is_ca = false;
  std::vector<std::pair<std::string, Bytes>> extensions;  // dotted OID, content of extnValue
};

// `issuer` is null for a certificate that names itself as issuer. `issuer_key` need not be the key
// of `issuer`: that is how a forgery is made.
Result<CertificatePtr> BuildCertificate(const CertificateSpec& spec, const VendorKey& subject,
                                        const VendorKey& issuer_key, const Certificate* issuer);
// The same for a key whose private half is elsewhere: in a TPM.
Result<CertificatePtr> BuildCertificate(const CertificateSpec& spec, const PublicKey& subject,
                                        const VendorKey& issuer_key, const Certificate* issuer);

struct CrlSpec {
  Time this_update{}, next_update{};
  std::vector<CertificatePtr> revoked;
};

// The DER of a list in the name of `issuer`, signed by `issuer_key`.
Result<Bytes> BuildCrl(const CrlSpec& spec, const Certificate& issuer, const VendorKey& issuer_key);

}  // namespace assay
