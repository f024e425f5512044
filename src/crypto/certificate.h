// X.509 certificates and revocation lists (RFC 5280), immutable after parsing and shared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"

struct x509_st;
struct X509_crl_st;

namespace assay {

class Certificate;
class Crl;
using CertificatePtr = std::shared_ptr<const Certificate>;
using CrlPtr = std::shared_ptr<const Crl>;

class Certificate {
 public:
  // One DER certificate and nothing behind it.
  static Result<CertificatePtr> FromDer(View der);

  const Bytes& der() const { return der_; }
  const Sha256Digest& digest() const { return digest_; }  // SHA-256 of the DER
  const std::string& subject_cn() const { return subject_cn_; }
  const std::string& issuer_cn() const { return issuer_cn_; }
  const std::string& serial_hex() const { return serial_hex_; }
  Time not_before() const { return not_before_; }
  Time not_after() const { return not_after_; }  // the last second of validity
  const PublicKey& key() const { return key_; }
  bool is_ca() const {
    return is_ca_;
  }  // basicConstraints CA and, if keyUsage is there, keyCertSign

  bool ValidAt(Time t) const { return not_before_ <= t && t <= not_after_; }
  const std::string& validity() const { return validity_; }  // "2020-01-01T… to 2030-01-01T…"
  // Names match (RFC 5280 §6.1.3) and `issuer`'s key signed this certificate.
  bool IssuedBy(const Certificate& issuer) const;
  // The content of the extension's extnValue OCTET STRING; nothing if it is absent.
  std::optional<Bytes> Extension(std::string_view oid) const;

 private:
  friend class Crl;
  Certificate(std::shared_ptr<x509_st> x509, PublicKey key)
      : x509_(std::move(x509)), key_(std::move(key)) {}

  std::shared_ptr<x509_st> x509_;
  PublicKey key_;
  Bytes der_;
  Sha256Digest digest_{};
  std::string subject_cn_, issuer_cn_, serial_hex_;
  Time not_before_{}, not_after_{};
  std::string validity_;
  bool is_ca_ = false;
};

class Crl {
 public:
  static Result<CrlPtr> FromDer(View der);

  const Sha256Digest& digest() const { return digest_; }
  const std::string& issuer_cn() const { return issuer_cn_; }
  Time this_update() const { return this_update_; }
  Time next_update() const {
    return next_update_;
  }  // absent in the CRL: this_update, so never valid later
  std::size_t revoked_count() const { return revoked_count_; }

  bool ValidAt(Time t) const { return this_update_ <= t && t <= next_update_; }
  const std::string& validity() const { return validity_; }  // "2020-01-01T… to 2030-01-01T…"
  bool IssuedBy(const Certificate& issuer) const;            // names and signature
  // True also when the CRL is issued by the certificate's issuer name and lists its serial.
  bool Revokes(const Certificate& certificate) const;

 private:
  explicit Crl(std::shared_ptr<X509_crl_st> crl) : crl_(std::move(crl)) {}

  std::shared_ptr<X509_crl_st> crl_;
  Sha256Digest digest_{};
  std::string issuer_cn_;
  Time this_update_{}, next_update_{};
  std::string validity_;
  std::size_t revoked_count_ = 0;
};

// All "-----BEGIN CERTIFICATE-----" blocks of `pem`, in order. Text around the blocks is skipped,
// as RFC 7468 §2 allows; none at all is an error.
Result<std::vector<CertificatePtr>> CertificatesFromPem(std::string_view pem);
// The DER of every PEM block with that label ("CERTIFICATE", "X509 CRL").
Result<std::vector<Bytes>> PemBlocks(std::string_view pem, std::string_view label);
// One block with that label (RFC 7468 §2). The caller cleanses it if the content is secret.
std::string PemText(std::string_view label, View der);
// A run of DER certificates one behind the other, and nothing else.
Result<std::vector<CertificatePtr>> CertificatesFromDerRun(View der);

}  // namespace assay
