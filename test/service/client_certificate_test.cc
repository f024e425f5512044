// TLS client certificates, with OpenSSL's own client: what the handler is told of each.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <fstream>
#include <optional>

#include "crypto/signing_key.h"
#include "net/http_server.h"
#include "server/state_dir.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

Time Now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

struct Authority {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate =
      Issue(key, {"clients", {}, Now() - std::chrono::hours(48), 30, true}, nullptr);

  CertificatePtr Issue(const SigningKey& subject, const CertificateRequest& request,
                       const Certificate* issuer) const {
    return IssueCertificate(subject, request, key, issuer).value();
  }
};

struct Client {
  SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificatePtr certificate;

  Client(const Authority& authority, int days)
      : certificate(authority.Issue(key, {"node-1", {}, Now() - std::chrono::hours(47), days},
                                    authority.certificate.get())) {}
};

// A server that answers "ok CN-bytes" or "fault: ...".
struct Running {
  TemporaryFolder folder;
  Authority authority;
  ServiceState state = OpenStateDir(folder.path() + "/state", "https://localhost", "localhost",
                                    true, TokenAlgorithm::kEs256, Now())
                           .value();
  std::unique_ptr<HttpServer> server;

  explicit Running(bool any = false) : server(Start(any)) {}

  std::unique_ptr<HttpServer> Start(bool any) {
    HttpServerOptions options;
    options.ask_for_any_certificate = any;
    options.certificate_file = state.tls_cert_file;
    options.key_file = state.tls_key_file;
    options.client_ca_file = folder.path() + "/clients.pem";
    std::ofstream(options.client_ca_file) << CertificateToPem(*authority.certificate);
    return HttpServer::Start(
               options,
               [](const HttpRequest& request) {
                 HttpResponse out;
                 const auto leaf = Certificate::FromDer(request.client_certificate);
                 const auto came = Certificate::FromDer(request.presented_certificate);
                 const std::string& fault = request.client_certificate_fault;
                 out.body = leaf ? "verified " + (*leaf)->subject_cn() : "none " + fault;
                 if (!leaf && came) {
                   out.body = "presented " + (*came)->subject_cn() + ": " + fault;
                 }
                 return out;
               })
        .value();
  }

  // The body of the answer to a client with that certificate.
  std::string Ask(const Client* client) const {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    if (client != nullptr) {
      const Bytes& der = client->certificate->der();
      SSL_CTX_use_certificate_ASN1(context, static_cast<int>(der.size()),
                                   reinterpret_cast<const unsigned char*>(der.data()));
      SSL_CTX_use_PrivateKey(context, client->key.raw());
    }
    BIO* connection = BIO_new_ssl_connect(context);
    BIO_set_conn_hostname(connection, ("127.0.0.1:" + std::to_string(server->port())).c_str());
    constexpr std::string_view kRequest =
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (BIO_write(connection, kRequest.data(), static_cast<int>(kRequest.size())) > 0) {
      std::array<char, 4096> buffer{};
      int count = 0;
      while ((count = BIO_read(connection, buffer.data(), static_cast<int>(buffer.size()))) > 0) {
        answer.append(buffer.data(), static_cast<std::size_t>(count));
      }
    }
    BIO_free_all(connection);
    SSL_CTX_free(context);
    const std::size_t body = answer.find("\r\n\r\n");
    return body != std::string::npos ? answer.substr(body + 4) : "no answer";
  }
};

TEST(ClientCertificate, IsGivenToTheHandlerWhenItIsVerified) {
  const Running running;
  const Client client(running.authority, 10);
  EXPECT_EQ(running.Ask(&client), "verified node-1");
}

TEST(ClientCertificate, IsNotNeeded) {
  const Running running;
  EXPECT_EQ(running.Ask(nullptr), "none ");
}

TEST(ClientCertificate, OfAnotherAuthorityIsRefusedWithTheReason) {
  const Running running;
  const Authority other;
  const Client client(other, 10);
  const std::string answer = running.Ask(&client);
  EXPECT_TRUE(answer.starts_with("presented node-1: ") && answer.size() > 20) << answer;
}

// Its key was proven in the handshake; who knows the certificate itself needs no more.
TEST(ClientCertificate, IsPresentedWhoeverIssuedItWhereAnyIsAskedFor) {
  const Running running(true);
  const Authority other;
  const Client stranger(other, 10);
  EXPECT_TRUE(running.Ask(&stranger).starts_with("presented node-1: "));
  const Client client(running.authority, 10);
  EXPECT_EQ(running.Ask(&client), "verified node-1");
  EXPECT_EQ(running.Ask(nullptr), "none ");
}

TEST(ClientCertificate, ThatExpiredIsRefusedWithTheReason) {
  const Running running;
  const Client client(running.authority, 1);
  EXPECT_EQ(running.Ask(&client), "presented node-1: certificate has expired");
}

TEST(ClientCertificate, NeedsAnAuthorityThatCanBeRead) {
  Running running;
  HttpServerOptions options;
  options.certificate_file = running.state.tls_cert_file;
  options.key_file = running.state.tls_key_file;
  options.client_ca_file = running.folder.path() + "/nothing.pem";
  EXPECT_FALSE(HttpServer::Start(options, [](const HttpRequest&) { return HttpResponse(); }));
}

}  // namespace
}  // namespace assay
