// The certificates half of signing_key.h.
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "crypto/openssl_ptr.h"
#include "crypto/signing_key.h"
#include "crypto/x509_fields.h"

namespace assay {
namespace {

X509Ptr ParseDer(View der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
}

bool SetNames(X509* x509, const std::string& common_name, X509* issuer) {
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(common_name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(x509, issuer != nullptr ? X509_get_subject_name(issuer) : name) == 1;
}

bool SetValidity(X509* x509, const CertificateRequest& request) {
  const Time not_after =
      request.not_after.value_or(request.not_before + std::chrono::hours(24) * request.days);
  return ASN1_TIME_set(X509_getm_notBefore(x509), UnixSeconds(request.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(x509), UnixSeconds(not_after)) != nullptr;
}

bool AddExtensions(X509* x509, X509* issuer, const CertificateRequest& request) {
  const char* constraints = request.is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE";
  const char* usage = request.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  std::string names, purposes;
  if (request.is_tls_server) purposes = "serverAuth";
  if (request.is_tls_client) purposes += purposes.empty() ? "clientAuth" : ",clientAuth";
  for (const std::string& san : request.sans) names += (names.empty() ? "" : ",") + san;
  return AddExtension(x509, issuer, NID_basic_constraints, constraints) &&
         AddExtension(x509, issuer, NID_key_usage, usage) &&
         AddExtension(x509, issuer, NID_subject_key_identifier, "hash") &&
         AddExtension(x509, issuer, NID_authority_key_identifier, "keyid") &&
         (purposes.empty() || AddExtension(x509, issuer, NID_ext_key_usage, purposes.c_str())) &&
         (names.empty() || AddExtension(x509, issuer, NID_subject_alt_name, names.c_str()));
}

Result<Bytes> ToDer(X509* x509) {
  const int size = i2d_X509(x509, nullptr);
  if (size <= 0) return Fail(ErrorCode::kInternal, "a certificate could not be encoded");
  Bytes out(static_cast<std::size_t>(size));
  auto* cursor = reinterpret_cast<unsigned char*>(out.data());
  i2d_X509(x509, &cursor);
  return out;
}

Result<CertificatePtr> Issue(EVP_PKEY* subject, const CertificateRequest& request,
                             const SigningKey& issuer_key, const Certificate* issuer) {
  const X509Ptr x509(X509_new());
  const X509Ptr parent = issuer != nullptr ? ParseDer(issuer->der()) : X509Ptr();
  const bool ready =
      x509 && (issuer == nullptr || parent) && X509_set_version(x509.get(), 2) == 1 &&
      SetRandomSerial(x509.get()) && SetNames(x509.get(), request.common_name, parent.get()) &&
      SetValidity(x509.get(), request) && X509_set_pubkey(x509.get(), subject) == 1 &&
      AddExtensions(x509.get(), parent.get(), request);
  if (!ready || X509_sign(x509.get(), issuer_key.raw(), EVP_sha256()) <= 0) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal,
                "the certificate " + request.common_name + " could not be made");
  }
  const Bytes der = TRY(ToDer(x509.get()));
  return Certificate::FromDer(der);
}

}  // namespace

Result<CertificatePtr> IssueCertificate(const SigningKey& subject,
                                        const CertificateRequest& request,
                                        const SigningKey& issuer_key, const Certificate* issuer) {
  return Issue(subject.raw(), request, issuer_key, issuer);
}

Result<CertificatePtr> IssueCertificate(const PublicKey& subject, const CertificateRequest& request,
                                        const SigningKey& issuer_key, const Certificate& issuer) {
  return Issue(subject.raw(), request, issuer_key, &issuer);
}

std::string CertificateToPem(const Certificate& certificate) {
  return PemText("CERTIFICATE", certificate.der());
}

}  // namespace assay
