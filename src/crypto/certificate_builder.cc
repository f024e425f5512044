#include "crypto/certificate_builder.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "crypto/digest.h"
#include "crypto/ec_point.h"
#include "crypto/openssl_ptr.h"
#include "crypto/signing_key.h"
#include "crypto/x509_fields.h"

namespace assay {
namespace {

using Asn1TimePtr = std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>>;
using Asn1IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslDeleter<ASN1_INTEGER_free>>;
using Asn1ObjectPtr = std::unique_ptr<ASN1_OBJECT, OpensslDeleter<ASN1_OBJECT_free>>;
using Asn1OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, OpensslDeleter<ASN1_OCTET_STRING_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, OpensslDeleter<X509_REVOKED_free>>;

constexpr int kPssSaltBytes = 48;  // of the digest's size, as AMD has it

tl::unexpected<Error> OpensslFail(const std::string& what) {
  ERR_clear_error();
  return Fail(ErrorCode::kInternal, "OpenSSL could not " + what);
}

const EVP_MD* DigestOf(VendorKeyType type) {
  return type == VendorKeyType::kP256 ? EVP_sha256() : EVP_sha384();
}

X509Ptr Decode(const Certificate* certificate) {
  if (certificate == nullptr) return nullptr;
  const unsigned char* in = Raw(certificate->der());
  return X509Ptr(d2i_X509(nullptr, &in, static_cast<long>(certificate->der().size())));
}

bool IsRsa(VendorKeyType type) {
  return type == VendorKeyType::kRsa2048 || type == VendorKeyType::kRsa4096;
}

// Ready to sign with `key`: ECDSA, or RSA-PSS over SHA-384.
EvpMdCtxPtr SigningContext(const VendorKey& key) {
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (!context || EVP_DigestSignInit(context.get(), &parameters, DigestOf(key.type()), nullptr,
                                     key.raw()) != 1) {
    return nullptr;
  }
  if (IsRsa(key.type()) && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, kPssSaltBytes) != 1)) {
    return nullptr;
  }
  return context;
}

bool AddName(X509_NAME* name, const char* field, const std::string& text) {
  if (text.empty()) return true;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes,
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool AddRawExtension(X509* x509, const std::string& oid, View content) {
  const Asn1ObjectPtr object(OBJ_txt2obj(oid.c_str(), 1));
  const Asn1OctetsPtr octets(ASN1_OCTET_STRING_new());
  if (!object || !octets ||
      ASN1_OCTET_STRING_set(octets.get(), Raw(content), static_cast<int>(content.size())) != 1) {
    return false;
  }
  const ExtensionPtr extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool AddExtensions(X509* x509, X509* issuer, const CertificateSpec& spec) {
  const char* constraints = spec.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  const char* usage = spec.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  bool ok = AddExtension(x509, issuer, NID_basic_constraints, constraints) &&
            AddExtension(x509, issuer, NID_key_usage, usage) &&
            AddExtension(x509, issuer, NID_subject_key_identifier, "hash") &&
            AddExtension(x509, issuer, NID_authority_key_identifier, "keyid");
  for (const auto& [oid, content] : spec.extensions) ok = ok && AddRawExtension(x509, oid, content);
  return ok;
}

bool AddRevoked(X509_CRL* crl, const Certificate& certificate, const ASN1_TIME* when) {
  const X509Ptr x509 = Decode(&certificate);
  RevokedPtr entry(X509_REVOKED_new());
  if (!x509 || !entry ||
      X509_REVOKED_set_serialNumber(entry.get(), X509_get_serialNumber(x509.get())) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), const_cast<ASN1_TIME*>(when)) != 1 ||
      X509_CRL_add0_revoked(crl, entry.get()) != 1) {
    return false;
  }
  static_cast<void>(entry.release());  // the list owns it now
  return true;
}

template <typename Object, typename Encode>
Result<Bytes> ToDer(Object* object, Encode encode) {
  const int size = encode(object, nullptr);
  if (size <= 0) return OpensslFail("encode DER");
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* cursor = Raw(out);
  encode(object, &cursor);
  return out;
}

}  // namespace

Result<VendorKey> VendorKey::Generate(VendorKeyType type) {
  EVP_PKEY* key = nullptr;
  switch (type) {
    case VendorKeyType::kP256: key = EVP_EC_gen("P-256"); break;
    case VendorKeyType::kP384: key = EVP_EC_gen("P-384"); break;
    case VendorKeyType::kRsa2048: key = EVP_RSA_gen(2048U); break;
    case VendorKeyType::kRsa4096: key = EVP_RSA_gen(4096U); break;
  }
  if (key == nullptr) return OpensslFail("make a private key");
  return VendorKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free), type);
}

Result<Bytes> VendorKey::SignEcdsa(View message) const {
  if (type_ == VendorKeyType::kP256) return SignEcdsaDigest(Sha256(message));
  return SignEcdsaDigest(Sha384(message));
}

Result<Bytes> VendorKey::SignEcdsaDigest(View digest) const {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, raw(), nullptr));
  Bytes der(static_cast<std::size_t>(EVP_PKEY_get_size(raw())));
  std::size_t size = der.size();
  if (IsRsa(type_) || !context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), Raw(der), &size, Raw(digest), digest.size()) != 1) {
    return OpensslFail("sign with ECDSA");
  }
  const unsigned char* in = Raw(der);
  const EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(size)));
  const int half = type_ == VendorKeyType::kP256 ? 32 : 48;
  Bytes out(static_cast<std::size_t>(2 * half));
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Raw(out), half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Raw(out) + half, half) != half) {
    return OpensslFail("convert an ECDSA signature");
  }
  return out;
}

Result<Bytes> SignRsaSha1(const SigningKey& key, View message) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  const auto digest = Sha1(message);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()) != 1 ||
      EVP_PKEY_sign(context.get(), Raw(out), &size, Raw(digest), digest.size()) != 1) {
    return OpensslFail("sign with RSA");
  }
  out.resize(size);
  return out;
}

Result<Bytes> SignRsaPss(const SigningKey& key, View message) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.raw(), nullptr));
  const auto digest = Sha256(message);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.raw())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_PKEY_sign(context.get(), Raw(out), &size, Raw(digest), digest.size()) != 1) {
    return OpensslFail("sign with RSA-PSS");
  }
  out.resize(size);
  return out;
}

Result<Bytes> VendorKey::Point() const { return PointOf(raw()); }

Result<CertificatePtr> BuildCertificate(const CertificateSpec& spec, const VendorKey& subject,
                                        const VendorKey& issuer_key, const Certificate* issuer) {
  EVP_PKEY_up_ref(subject.raw());
  return BuildCertificate(spec, PublicKey::Adopt(subject.raw()), issuer_key, issuer);
}

Result<CertificatePtr> BuildCertificate(const CertificateSpec& spec, const PublicKey& subject,
                                        const VendorKey& issuer_key, const Certificate* issuer) {
  const X509Ptr x509(X509_new());
  const X509Ptr parent = Decode(issuer);
  if (!x509 || (issuer != nullptr && !parent)) return OpensslFail("make a certificate");
  X509_NAME* name = X509_get_subject_name(x509.get());
  const bool ready =
      X509_set_version(x509.get(), 2) == 1 && SetRandomSerial(x509.get()) &&
      AddName(name, "CN", spec.common_name) && AddName(name, "O", spec.organisation) &&
      X509_set_issuer_name(x509.get(), parent ? X509_get_subject_name(parent.get()) : name) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(x509.get()), UnixSeconds(spec.not_before)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(x509.get()), UnixSeconds(spec.not_after)) != nullptr &&
      X509_set_pubkey(x509.get(), subject.raw()) == 1 &&
      AddExtensions(x509.get(), parent.get(), spec);
  const EvpMdCtxPtr context = SigningContext(issuer_key);
  if (!ready || !context || X509_sign_ctx(x509.get(), context.get()) <= 0) {
    return OpensslFail("make the certificate " + spec.common_name);
  }
  return Certificate::FromDer(TRY(ToDer(x509.get(), i2d_X509)));
}

Result<Bytes> BuildCrl(const CrlSpec& spec, const Certificate& issuer,
                       const VendorKey& issuer_key) {
  const X509CrlPtr crl(X509_CRL_new());
  const X509Ptr parent = Decode(&issuer);
  const Asn1TimePtr begin(ASN1_TIME_set(nullptr, UnixSeconds(spec.this_update)));
  const Asn1TimePtr end(ASN1_TIME_set(nullptr, UnixSeconds(spec.next_update)));
  bool ready = crl && parent && begin && end && X509_CRL_set_version(crl.get(), 1) == 1 &&
               X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(parent.get())) == 1 &&
               X509_CRL_set1_lastUpdate(crl.get(), begin.get()) == 1 &&
               X509_CRL_set1_nextUpdate(crl.get(), end.get()) == 1;
  for (const CertificatePtr& certificate : spec.revoked) {
    ready = ready && AddRevoked(crl.get(), *certificate, begin.get());
  }
  const EvpMdCtxPtr context = SigningContext(issuer_key);
  if (!ready || !context || X509_CRL_sign_ctx(crl.get(), context.get()) <= 0) {
    return OpensslFail("make a revocation list");
  }
  return ToDer(crl.get(), i2d_X509_CRL);
}

}  // namespace assay
