// A throw-away authority and a server certificate under it, as files.
#pragma once

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "crypto/signing_key.h"
#include "guest/files.h"
#include "net/http_server.h"

namespace assay {

struct TestTlsFiles {
  std::string ca, certificate, key;
};

inline TestTlsFiles MakeTlsFiles(const std::string& folder, std::vector<std::string> names) {
  const SigningKey ca_key = SigningKey::Generate(KeyType::kP256).value();
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "A throw-away CA";
  request.not_before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                       std::chrono::hours(1);
  request.is_ca = true;
  const auto ca = IssueCertificate(ca_key, request, ca_key, nullptr).value();
  request.common_name = "server";
  request.is_ca = false;
  request.is_tls_server = true;
  request.sans = std::move(names);
  const auto certificate = IssueCertificate(key, request, ca_key, ca.get()).value();
  const TestTlsFiles out{folder + "/ca.pem", folder + "/tls.pem", folder + "/tls.key"};
  EXPECT_TRUE(WriteFile(out.ca, AsBytes(CertificateToPem(*ca))));
  EXPECT_TRUE(WriteFile(out.certificate, AsBytes(CertificateToPem(*certificate))));
  EXPECT_TRUE(key.Save(out.key));
  return out;
}

// A certificate for a key whose private half is elsewhere, as a TPM's: signed by a throw-away one.
inline Bytes CertificateFor(const PublicKey& key) {
  const SigningKey issuer = SigningKey::Generate(KeyType::kP256).value();
  X509* const x509 = X509_new();
  X509_NAME* const name = X509_get_subject_name(x509);
  const auto* const text = reinterpret_cast<const unsigned char*>("a TPM's key");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.raw());
  EXPECT_GT(X509_sign(x509, issuer.raw(), EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509, &der);
  Bytes out = ToBytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  X509_free(x509);
  return out;
}

}  // namespace assay
