#include "crypto/certificate.h"

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

std::string CommonName(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

std::optional<Time> FromAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{year{parts.tm_year + 1900},
                            month{static_cast<unsigned>(parts.tm_mon + 1)},
                            day{static_cast<unsigned>(parts.tm_mday)}};
  return Time{sys_days{date}} + hours{parts.tm_hour} + minutes{parts.tm_min} +
         seconds{parts.tm_sec};
}

std::string Span(Time from, Time to) {
  return fmt::format("{} to {}", FormatTime(from), FormatTime(to));
}

std::string SerialHex(const ASN1_INTEGER* serial) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  char* hex = number ? BN_bn2hex(number.get()) : nullptr;
  std::string out = hex == nullptr ? "" : hex;
  OPENSSL_free(hex);
  return out;
}

tl::unexpected<Error> MalformedCertificate(std::string message) {
  ERR_clear_error();
  return Fail(ErrorCode::kMalformed, std::move(message));
}

// A library context without providers. OpenSSL 3.0 decodes the public key while it decodes a
// certificate, and its provider search takes longer than a P-256 verification; here there is
// nothing to search, the key is left alone, and DecodeKey makes it directly.
OSSL_LIB_CTX* BareContext() {
  struct Context {
    std::unique_ptr<OSSL_LIB_CTX, OpensslDeleter<OSSL_LIB_CTX_free>> context{OSSL_LIB_CTX_new()};
    OSSL_PROVIDER* none = OSSL_PROVIDER_load(context.get(), "null");
  };
  static const Context bare;
  return bare.context.get();
}

X509Ptr DecodeX509(View der, std::size_t& used) {
  const auto* start = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* cursor = start;
  X509Ptr x509(
      reinterpret_cast<X509*>(ASN1_item_d2i_ex(nullptr, &cursor, static_cast<long>(der.size()),
                                               ASN1_ITEM_rptr(X509), BareContext(), nullptr)));
  used = static_cast<std::size_t>(cursor - start);
  return x509;
}

// The named curve of an EC key's parameters; nothing for others.
std::optional<Curve> CurveOfParameters(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* oid = nullptr;
  int type = 0;
  const void* parameter = nullptr;
  X509_ALGOR_get0(&oid, &type, &parameter, algorithm);
  if (OBJ_obj2nid(oid) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT) return std::nullopt;
  switch (OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameter))) {
    case NID_X9_62_prime256v1: return Curve::kP256;
    case NID_secp384r1: return Curve::kP384;
    default: return std::nullopt;
  }
}

Result<PublicKey> DecodeKey(const X509* x509) {
  X509_PUBKEY* info = X509_get_X509_PUBKEY(x509);
  const unsigned char* bits = nullptr;
  int size = 0;
  X509_ALGOR* algorithm = nullptr;
  if (X509_PUBKEY_get0_param(nullptr, &bits, &size, &algorithm, info) == 1 && size > 1 &&
      bits[0] == 4) {  // an uncompressed point, SEC 1 §2.3.3
    const View point(reinterpret_cast<const std::byte*>(bits) + 1,
                     static_cast<std::size_t>(size) - 1);
    if (const auto curve = CurveOfParameters(algorithm)) return PublicKey::FromPoint(*curve, point);
  }
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(info, &der);
  const unsigned char* cursor = der;
  EVP_PKEY* key = length > 0 ? d2i_PUBKEY(nullptr, &cursor, length) : nullptr;
  OPENSSL_free(der);
  if (key == nullptr) return MalformedCertificate("certificate: its public key cannot be read");
  return PublicKey::Adopt(key);
}

}  // namespace

Result<CertificatePtr> Certificate::FromDer(View der) {
  std::size_t used = 0;
  X509Ptr owned = der.size() > limits::kCollateralFileBytes ? nullptr : DecodeX509(der, used);
  if (!owned) return MalformedCertificate("certificate: not a DER X.509 certificate");
  if (used != der.size()) {
    return MalformedCertificate(
        fmt::format("certificate: {} bytes behind its end", der.size() - used));
  }
  PublicKey key = TRY(DecodeKey(owned.get()));
  std::shared_ptr<x509_st> x509(owned.release(), X509_free);
  auto out = std::shared_ptr<Certificate>(new Certificate(x509, std::move(key)));
  out->der_ = ToBytes(der);
  out->digest_ = Sha256(der);
  out->subject_cn_ = CommonName(X509_get_subject_name(x509.get()));
  out->issuer_cn_ = CommonName(X509_get_issuer_name(x509.get()));
  out->serial_hex_ = SerialHex(X509_get0_serialNumber(x509.get()));
  const auto not_before = FromAsn1(X509_get0_notBefore(x509.get()));
  const auto not_after = FromAsn1(X509_get0_notAfter(x509.get()));
  if (!not_before || !not_after)
    return MalformedCertificate("certificate: its validity cannot be read");
  out->not_before_ = *not_before;
  out->not_after_ = *not_after;
  out->validity_ = Span(*not_before, *not_after);
  // 1 is "v3 with basicConstraints CA"; OpenSSL's legacy guesses (3, 4, 5) do not make an issuer
  // here. The call also caches the extensions, which makes later reads of the X509 free of writes.
  out->is_ca_ = X509_check_ca(x509.get()) == 1;
  ERR_clear_error();
  return CertificatePtr(out);
}

bool Certificate::IssuedBy(const Certificate& issuer) const {
  const bool ok = X509_NAME_cmp(X509_get_issuer_name(x509_.get()),
                                X509_get_subject_name(issuer.x509_.get())) == 0 &&
                  X509_verify(x509_.get(), issuer.key_.raw()) == 1;
  ERR_clear_error();
  return ok;
}

std::optional<Bytes> Certificate::Extension(std::string_view oid) const {
  const std::string text(oid);
  ASN1_OBJECT* object = OBJ_txt2obj(text.c_str(), 1);
  const int index = X509_get_ext_by_OBJ(x509_.get(), object, -1);
  ASN1_OBJECT_free(object);
  if (index < 0) return std::nullopt;
  const ASN1_OCTET_STRING* data = X509_EXTENSION_get_data(X509_get_ext(x509_.get(), index));
  const auto* bytes = reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(data));
  return Bytes(bytes, bytes + ASN1_STRING_length(data));
}

Result<CrlPtr> Crl::FromDer(View der) {
  const auto* start = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* cursor = start;
  X509CrlPtr owned(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  if (!owned || cursor != start + der.size())
    return MalformedCertificate("CRL: not a DER revocation list");
  std::shared_ptr<X509_crl_st> crl(owned.release(), X509_CRL_free);
  auto out = std::shared_ptr<Crl>(new Crl(crl));
  out->digest_ = Sha256(der);
  out->issuer_cn_ = CommonName(X509_CRL_get_issuer(crl.get()));
  const auto this_update = FromAsn1(X509_CRL_get0_lastUpdate(crl.get()));
  if (!this_update) return MalformedCertificate("CRL: its thisUpdate cannot be read");
  out->this_update_ = *this_update;
  out->next_update_ = FromAsn1(X509_CRL_get0_nextUpdate(crl.get())).value_or(*this_update);
  out->validity_ = Span(out->this_update_, out->next_update_);
  const auto* revoked = X509_CRL_get_REVOKED(crl.get());
  out->revoked_count_ =
      revoked == nullptr ? 0 : static_cast<std::size_t>(sk_X509_REVOKED_num(revoked));
  return CrlPtr(out);
}

bool Crl::IssuedBy(const Certificate& issuer) const {
  const bool ok = X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()),
                                X509_get_subject_name(issuer.x509_.get())) == 0 &&
                  X509_CRL_verify(crl_.get(), issuer.key_.raw()) == 1;
  ERR_clear_error();
  return ok;
}

bool Crl::Revokes(const Certificate& certificate) const {
  // Reading only: X509_CRL_get0_by_serial would sort the list in place and race between threads.
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()),
                    X509_get_issuer_name(certificate.x509_.get())) != 0) {
    return false;
  }
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.x509_.get());
  const auto* revoked = X509_CRL_get_REVOKED(crl_.get());
  for (int i = 0; revoked != nullptr && i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(revoked, i);
    if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) == 0) return true;
  }
  return false;
}

Result<std::vector<Bytes>> PemBlocks(std::string_view pem, std::string_view label) {
  const std::string begin = fmt::format("-----BEGIN {}-----", label);
  const std::string end = fmt::format("-----END {}-----", label);
  std::vector<Bytes> blocks;
  std::size_t position = 0;
  while ((position = pem.find(begin, position)) != std::string_view::npos) {
    const std::size_t body = position + begin.size();
    const std::size_t stop = pem.find(end, body);
    if (stop == std::string_view::npos) return MalformedCertificate(fmt::format("PEM: no {}", end));
    std::string base64;
    for (const char c : pem.substr(body, stop - body)) {
      if (c != '\n' && c != '\r' && c != ' ' && c != '\t') base64.push_back(c);
    }
    blocks.push_back(TRY(Base64Decode(base64)));
    position = stop + end.size();
  }
  return blocks;
}

std::string PemText(std::string_view label, View der) {
  constexpr std::size_t kLine = 64;
  const std::string body = Base64Encode(der);
  std::string out = fmt::format("-----BEGIN {}-----\n", label);
  out.reserve(out.size() + body.size() + body.size() / kLine + label.size() + 24);
  for (std::size_t at = 0; at < body.size(); at += kLine) {
    out.append(body, at, kLine).push_back('\n');
  }
  out += fmt::format("-----END {}-----\n", label);
  return out;
}

Result<std::vector<CertificatePtr>> CertificatesFromPem(std::string_view pem) {
  std::vector<CertificatePtr> out;
  for (const Bytes& der : TRY(PemBlocks(pem, "CERTIFICATE"))) {
    if (out.size() == limits::kCertificatesInChain)
      return MalformedCertificate("PEM: too many certificates");
    out.push_back(TRY(Certificate::FromDer(der)));
  }
  if (out.empty()) return MalformedCertificate("PEM: expected a certificate, found none");
  return out;
}

Result<std::vector<CertificatePtr>> CertificatesFromDerRun(View der) {
  std::vector<CertificatePtr> out;
  while (!der.empty()) {
    std::size_t used = 0;
    if (out.size() == limits::kCertificatesInChain || !DecodeX509(der, used)) {
      return MalformedCertificate("certificates: expected DER certificates one behind the other");
    }
    out.push_back(TRY(Certificate::FromDer(der.first(used))));
    der = der.subspan(used);
  }
  return out;
}

}  // namespace assay
