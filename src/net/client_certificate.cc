#include "net/client_certificate.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace assay {
namespace {

// TLS lets every certificate through here, and keeps what the verification found: a failed
// handshake could not tell the client why. PeerOf holds to it.
int AcceptForNow(int, X509_STORE_CTX*) { return 1; }

// What is verified, and what clients are told of it.
Result<void> TrustAuthorities(ssl_ctx_st* raw, const std::string& ca_file, bool tell) {
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(raw, ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return Fail(ErrorCode::kIo, "TLS client authorities " + ca_file + ": cannot be read",
                "expected a PEM file of CA certificates");
  }
  if (tell) {
    SSL_CTX_set_client_CA_list(raw, names);
  } else {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
  }
  return {};
}

Bytes DerOf(X509* leaf) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf, &der);
  if (size <= 0) return {};
  const auto* bytes = reinterpret_cast<const std::byte*>(der);
  Bytes out(bytes, bytes + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace

Result<void> AskForClientCertificates(ssl_ctx_st* raw, const std::string& ca_file, bool any) {
  if (!ca_file.empty()) TRY_VOID(TrustAuthorities(raw, ca_file, !any));
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
  TlsPeer out;
  out.presented = DerOf(leaf.get());
  const long result = SSL_get_verify_result(ssl);
  if (out.presented.empty()) {
    out.fault = "it cannot be encoded";
  } else if (result != X509_V_OK) {
    out.fault = X509_verify_cert_error_string(result);
  } else {
    out.certificate = out.presented;
  }
  return out;
}

}  // namespace assay
