#include "net/client_certificate.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace assay {
namespace {

// TLS lets every certificate through here, and keeps what the verification found: a failed
// handshake could not tell the client why. PeerOf holds to it.
int AcceptForNow(int, X509_STORE_CTX*) { return 1; }

}  // namespace

Result<void> AskForClientCertificates(ssl_ctx_st* raw, const std::string& ca_file) {
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(raw, ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return Fail(ErrorCode::kIo, "TLS client authorities " + ca_file + ": cannot be read",
                "expected a PEM file of CA certificates");
  }
  SSL_CTX_set_client_CA_list(raw, names);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, AcceptForNow);
  // No resumption: a certificate is verified at each handshake, so one that expired, or whose
  // authority is no longer trusted, does not live on in a session.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(raw, 0);
  return {};
}

TlsPeer PeerOf(ssl_st* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(SSL_get1_peer_certificate(ssl), X509_free);
  if (!leaf) return {};
  const long result = SSL_get_verify_result(ssl);
  if (result != X509_V_OK) return {{}, X509_verify_cert_error_string(result)};
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf.get(), &der);
  if (size <= 0) return {{}, "it cannot be encoded"};
  const auto* bytes = reinterpret_cast<const std::byte*>(der);
  TlsPeer out{Bytes(bytes, bytes + size), {}};
  OPENSSL_free(der);
  return out;
}

}  // namespace assay
