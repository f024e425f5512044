// A throw-away authority and a server certificate under it, as files.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/files.h"
#include "crypto/signing_key.h"
#include "net/http_server.h"

namespace assay {

struct TlsFiles {
  std::string ca, certificate, key;
};

inline TlsFiles MakeTlsFiles(const std::string& folder, std::vector<std::string> names) {
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
  const TlsFiles out{folder + "/ca.pem", folder + "/tls.pem", folder + "/tls.key"};
  EXPECT_TRUE(agent::WriteFile(out.ca, AsBytes(CertificateToPem(*ca))));
  EXPECT_TRUE(agent::WriteFile(out.certificate, AsBytes(CertificateToPem(*certificate))));
  EXPECT_TRUE(key.Save(out.key));
  return out;
}

}  // namespace assay
