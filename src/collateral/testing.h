// For tests only: freshly made certificates and CRLs, and an HTTP server on loopback that answers
// with whatever bytes the test wants.
#pragma once

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/bytes.h"

namespace assay::testing {

struct Pki {
  Bytes certificate, crl;  // DER
};

template <typename T>
Bytes ToDer(T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  Bytes out = ToBytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  return out;
}

// A self-signed P-256 authority named `cn` and its empty CRL, which ends `lifetime` seconds from
// the epoch second `start`.
inline Pki MakePki(const char* cn, std::int64_t start, long lifetime) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 7);
  X509_NAME* name = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(cn),
                             -1, -1, 0);
  X509_set_issuer_name(x509.get(), name);
  ASN1_TIME_set(X509_getm_notBefore(x509.get()), start);
  ASN1_TIME_set(X509_getm_notAfter(x509.get()), start + 10 * lifetime);
  X509_set_pubkey(x509.get(), key.get());
  X509_EXTENSION* basic =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
  X509_add_ext(x509.get(), basic, -1);
  X509_EXTENSION_free(basic);
  X509_sign(x509.get(), key.get(), EVP_sha256());

  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> crl(X509_CRL_new(), &X509_CRL_free);
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), name);
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> from(ASN1_TIME_set(nullptr, start),
                                                                   &ASN1_TIME_free);
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> to(
      ASN1_TIME_set(nullptr, start + lifetime), &ASN1_TIME_free);
  X509_CRL_set1_lastUpdate(crl.get(), from.get());
  X509_CRL_set1_nextUpdate(crl.get(), to.get());
  X509_CRL_sign(crl.get(), key.get(), EVP_sha256());
  return {ToDer<X509>(x509.get(), &i2d_X509), ToDer<X509_CRL>(crl.get(), &i2d_X509_CRL)};
}

class TinyServer {
 public:
  // Given the request's text, the raw answer. Requests are answered one after the other.
  using Handler = std::function<std::string(const std::string& request, int number)>;

  explicit TinyServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TinyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }

  static std::string Answer(int status, std::string_view body, std::string_view headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
  }

 private:
  void Serve() {
    while (true) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      std::string request;
      char buffer[2048];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      const std::string answer = handler_(request, ++requests_);
      static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
      ::close(connection);
    }
  }

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace assay::testing
