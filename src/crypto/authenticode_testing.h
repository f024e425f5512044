// Authenticode signatures that tests make. Included by tests only.
#pragma once

#include <openssl/pkcs7.h>

#include "crypto/certificate_builder.h"
#include "crypto/openssl_ptr.h"

namespace assay::testing {

struct Signer {
  VendorKey key;
  CertificatePtr certificate;
};

// A certificate by `issuer`, or a self-signed one.
inline Signer MakeSigner(const std::string& name, const Signer* issuer = nullptr) {
  const VendorKey key = VendorKey::Generate(VendorKeyType::kP256).value();
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = FromUnixSeconds(0);  // long expired, which firmware cannot know
  spec.not_after = FromUnixSeconds(1'000'000);
  spec.is_ca = true;
  const auto certificate =
      BuildCertificate(spec, key, issuer == nullptr ? key : issuer->key,
                       issuer == nullptr ? nullptr : issuer->certificate.get());
  return {key, certificate.value()};
}

inline void AppendDer(Bytes& out, std::uint8_t tag, View content) {
  out.push_back(std::byte{tag});
  out.push_back(static_cast<std::byte>(content.size()));
  Append(out, content);
}

// The content octets of SpcIndirectDataContent: SpcAttributeTypeAndOptionalValue, DigestInfo.
inline Bytes IndirectData(View image_digest) {
  Bytes out, digest_info;
  AppendDer(out, 0x30, {});
  AppendDer(digest_info, 0x30, {});
  AppendDer(digest_info, 0x04, image_digest);
  AppendDer(out, 0x30, digest_info);
  return out;
}

// SignedData of `signer` over that digest, with its certificate inside. `content_type` is what it
// claims to hold.
inline Bytes MakeAuthenticode(View image_digest, const Signer& signer,
                              const char* content_type = "1.3.6.1.4.1.311.2.1.4") {
  using Pkcs7Ptr = std::unique_ptr<PKCS7, OpensslDeleter<PKCS7_free>>;
  const Bytes content = IndirectData(image_digest);
  const auto* der = reinterpret_cast<const unsigned char*>(signer.certificate->der().data());
  const X509Ptr x509(d2i_X509(nullptr, &der, static_cast<long>(signer.certificate->der().size())));
  const Pkcs7Ptr signed_data(PKCS7_new());
  PKCS7_set_type(signed_data.get(), NID_pkcs7_signed);
  PKCS7_add_signature(signed_data.get(), x509.get(), signer.key.raw(), EVP_sha256());
  PKCS7_add_certificate(signed_data.get(), x509.get());
  PKCS7_content_new(signed_data.get(), NID_pkcs7_data);
  const BioPtr in(PKCS7_dataInit(signed_data.get(), nullptr));
  BIO_write(in.get(), content.data(), static_cast<int>(content.size()));
  PKCS7_dataFinal(signed_data.get(), in.get());

  // What was signed takes its place in an outer SEQUENCE under Microsoft's type.
  Bytes sequence;
  AppendDer(sequence, 0x30, content);
  PKCS7* const contents = PKCS7_new();
  contents->type = OBJ_txt2obj(content_type, 1);
  contents->d.other = ASN1_TYPE_new();
  ASN1_STRING* const octets = ASN1_STRING_new();
  ASN1_STRING_set(octets, sequence.data(), static_cast<int>(sequence.size()));
  ASN1_TYPE_set(contents->d.other, V_ASN1_SEQUENCE, octets);
  PKCS7_set_content(signed_data.get(), contents);

  Bytes out(static_cast<std::size_t>(i2d_PKCS7(signed_data.get(), nullptr)));
  auto* end = reinterpret_cast<unsigned char*>(out.data());
  i2d_PKCS7(signed_data.get(), &end);
  return out;
}

}  // namespace assay::testing
