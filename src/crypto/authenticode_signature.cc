#include "crypto/authenticode_signature.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "crypto/der.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpensslDeleter<X509_STORE_free>>;

constexpr std::string_view kSpcIndirectData = "1.3.6.1.4.1.311.2.1.4";

tl::unexpected<Error> MalformedSignature(std::string text) {
  ERR_clear_error();
  return Fail(ErrorCode::kMalformed, "Authenticode signature: " + std::move(text));
}

bool IsIndirectData(const PKCS7* contents) {
  char oid[80] = {};
  OBJ_obj2txt(oid, sizeof oid, contents->type, 1);
  return oid == kSpcIndirectData;
}

// What was signed: the content octets of the outer SEQUENCE (PKCS #7 §9.3).
Result<Bytes> SignedContent(const PKCS7* pkcs7) {
  if (PKCS7_type_is_signed(pkcs7) == 0) return MalformedSignature("it is not SignedData");
  const PKCS7* const contents = pkcs7->d.sign == nullptr ? nullptr : pkcs7->d.sign->contents;
  if (contents == nullptr || !IsIndirectData(contents)) {
    return MalformedSignature("it does not sign an SpcIndirectDataContent");
  }
  const ASN1_TYPE* const other = contents->d.other;
  if (other == nullptr || other->type != V_ASN1_SEQUENCE) {
    return MalformedSignature("its content is no SEQUENCE");
  }
  const ASN1_STRING* const sequence = other->value.sequence;
  DerReader in(std::as_bytes(std::span(ASN1_STRING_get0_data(sequence),
                                       static_cast<std::size_t>(ASN1_STRING_length(sequence)))),
               "SpcIndirectDataContent");
  return ToBytes(TRY(in.Take(DerReader::kSequence)));
}

// SEQUENCE { data SpcAttributeTypeAndOptionalValue, messageDigest DigestInfo }
Result<Bytes> ImageDigest(View content) {
  DerReader in(content, "SpcIndirectDataContent");
  TRY(in.Take(DerReader::kSequence));
  DerReader digest_info = TRY(in.Enter(DerReader::kSequence));
  TRY(digest_info.Take(DerReader::kSequence));
  return ToBytes(TRY(digest_info.Take(DerReader::kOctetString)));
}

}  // namespace

Result<AuthenticodeSignature> AuthenticodeSignature::FromDer(View der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  AuthenticodeSignature out;
  out.pkcs7_ = std::shared_ptr<PKCS7>(d2i_PKCS7(nullptr, &in, static_cast<long>(der.size())),
                                      [](PKCS7* p) { PKCS7_free(p); });
  if (out.pkcs7_ == nullptr) return MalformedSignature("it is no PKCS #7 object");
  out.content_ = TRY(SignedContent(out.pkcs7_.get()));
  out.image_digest_ = TRY(ImageDigest(out.content_));
  return out;
}

bool AuthenticodeSignature::VerifiedBy(const Certificate& anchor) const {
  const auto* der = reinterpret_cast<const unsigned char*>(anchor.der().data());
  const X509Ptr certificate(d2i_X509(nullptr, &der, static_cast<long>(anchor.der().size())));
  const StorePtr store(X509_STORE_new());
  const BioPtr content(BIO_new_mem_buf(content_.data(), static_cast<int>(content_.size())));
  bool verified = false;
  if (certificate && store && content && X509_STORE_add_cert(store.get(), certificate.get()) == 1) {
    // UEFI 2.10 §32.4.1: firmware has no time it could trust, the anchor need not be a root, and
    // code-signing certificates are not those of e-mail, which PKCS7_verify would ask for.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
    verified =
        PKCS7_verify(pkcs7_.get(), nullptr, store.get(), content.get(), nullptr, PKCS7_BINARY) == 1;
  }
  ERR_clear_error();
  return verified;
}

}  // namespace assay
