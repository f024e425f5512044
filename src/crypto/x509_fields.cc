#include "crypto/x509_fields.h"

#include <openssl/x509v3.h>

#include "crypto/signing_key.h"

namespace assay {
namespace {

constexpr std::size_t kSerialBytes = 16;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;

}  // namespace

bool SetRandomSerial(X509* x509) {
  auto raw = RandomBytes(kSerialBytes);
  if (!raw) return false;
  raw->front() = (raw->front() & std::byte{0x7F}) | std::byte{0x40};
  const BignumPtr number(BN_bin2bn(Raw(*raw), static_cast<int>(raw->size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool AddExtension(X509* x509, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer != nullptr ? issuer : x509, x509, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

}  // namespace assay
