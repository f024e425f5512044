// Receipts of the real Azure Confidential Ledger, from ../shared/recordings/acl-receipts.
//
// The recording has no service certificate. But an ECDSA signature gives away the key that made it
// (SEC 1 §4.1.6), up to a choice of two, and the node's certificate names the right one by its
// identifier: so the real service's key is known, and stands here in a certificate of our own.
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "crypto/certificate_builder.h"
#include "ledger/ccf_receipt.h"
#include "policy/samples.h"

namespace assay::ledger {
namespace {

std::optional<std::string> Recording(const std::string& name) {
  const auto folder = SharedFolder("ASSAY_RECORDINGS", "recordings") / "acl-receipts";
  std::ifstream in(folder / name, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

struct FreeOpenssl {
  void operator()(X509* one) const { X509_free(one); }
  void operator()(EC_GROUP* one) const { EC_GROUP_free(one); }
  void operator()(EC_POINT* one) const { EC_POINT_free(one); }
  void operator()(BIGNUM* one) const { BN_free(one); }
  void operator()(BN_CTX* one) const { BN_CTX_free(one); }
  void operator()(ECDSA_SIG* one) const { ECDSA_SIG_free(one); }
  void operator()(ASN1_OCTET_STRING* one) const { ASN1_OCTET_STRING_free(one); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

// x ‖ y of (s·R − e·G) / r, where R is the point with the x-coordinate r and that parity of y.
Bytes RecoveredPoint(const ECDSA_SIG& signature, const Sha256Digest& digest, int parity) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BN_CTX> context(BN_CTX_new());
  const BIGNUM* const order = EC_GROUP_get0_order(group.get());
  const BIGNUM* const r = ECDSA_SIG_get0_r(&signature);
  const BIGNUM* const s = ECDSA_SIG_get0_s(&signature);
  const Owned<BIGNUM> e(BN_bin2bn(reinterpret_cast<const unsigned char*>(digest.data()),
                                  int{sizeof digest}, nullptr));
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  EC_POINT_set_compressed_coordinates(group.get(), point.get(), r, parity, context.get());
  const Owned<BIGNUM> inverse(BN_mod_inverse(nullptr, r, order, context.get()));
  const Owned<BIGNUM> of_g(BN_new());
  const Owned<BIGNUM> of_point(BN_new());
  BN_mod_mul(of_point.get(), s, inverse.get(), order, context.get());
  BN_mod_mul(of_g.get(), e.get(), inverse.get(), order, context.get());
  BN_sub(of_g.get(), order, of_g.get());
  EC_POINT_mul(group.get(), point.get(), of_g.get(), point.get(), of_point.get(), context.get());
  Bytes encoded(65);
  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                     reinterpret_cast<unsigned char*>(encoded.data()), encoded.size(),
                     context.get());
  return {encoded.begin() + 1, encoded.end()};
}

// Of the P-256 key that signed the certificate, which names it by the SHA-1 of its point (RFC 5280
// §4.2.1.2).
Bytes SignersPoint(const Certificate& certificate) {
  const auto* in = reinterpret_cast<const unsigned char*>(certificate.der().data());
  const Owned<X509> x509(d2i_X509(nullptr, &in, static_cast<long>(certificate.der().size())));
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, x509.get());
  const unsigned char* der = bits->data;
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &der, bits->length));
  unsigned char* tbs = nullptr;
  const int size = i2d_re_X509_tbs(x509.get(), &tbs);
  const Sha256Digest digest =
      Sha256({reinterpret_cast<const std::byte*>(tbs), static_cast<std::size_t>(size)});
  OPENSSL_free(tbs);
  const ASN1_OCTET_STRING* const named = X509_get0_authority_key_id(x509.get());
  for (const int parity : {0, 1}) {
    const Bytes point = RecoveredPoint(*signature, digest, parity);
    Bytes encoded{std::byte{4}};
    Append(encoded, point);
    const auto id = Sha1(encoded);
    if (Equal(id, std::as_bytes(std::span(named->data, static_cast<std::size_t>(named->length))))) {
      return point;
    }
  }
  return {};
}

CertificatePtr ServiceOf(const CcfReceipt& receipt) {
  const CertificatePtr node = CertificatesFromPem(receipt.certificate).value().front();
  const Bytes point = SignersPoint(*node);
  EXPECT_EQ(point.size(), 64U) << "the signature does not give away the key it names";
  CertificateSpec spec;
  spec.common_name = node->issuer_cn();
  spec.not_before = node->not_before();
  spec.not_after = node->not_after();
  spec.is_ca = true;
  const VendorKey any = VendorKey::Generate(VendorKeyType::kP256).value();
  return BuildCertificate(spec, PublicKey::FromPoint(Curve::kP256, point).value(), any, nullptr)
      .value();
}

TEST(AzureReceipts, OfTheDocumentationVerifies) {
  const auto text = Recording("docs-example-1.json");
  if (!text) GTEST_SKIP() << "no recordings at ../shared/recordings";
  const auto receipt = ParseCcfReceipt(*text);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(ToText(receipt->proof.id), "2.40");
  const CertificatePtr service = ServiceOf(*receipt);
  const auto node = VerifyCcfReceipt(*receipt, *service);
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ((*node)->subject_cn(), "CCF Node");
  EXPECT_EQ(service->subject_cn(), "CCF Network");
}

TEST(AzureReceipts, OfTheDocumentationIsRefusedAfterAnyChange) {
  const auto text = Recording("docs-example-1.json");
  if (!text) GTEST_SKIP() << "no recordings at ../shared/recordings";
  const CertificatePtr service = ServiceOf(ParseCcfReceipt(*text).value());
  std::size_t changes = 0;
  for (std::size_t at = 0; at < text->size(); ++at) {
    for (int bit = 0; bit < 8; ++bit, ++changes) {
      std::string changed = *text;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const auto receipt = ParseCcfReceipt(changed);
      if (!receipt) continue;
      EXPECT_FALSE(VerifyCcfReceipt(*receipt, *service)) << "byte " << at << " bit " << bit;
    }
  }
  std::cout << changes << " changed bits, all refused\n";
}

TEST(AzureReceipts, OfTheNewerShapeLacksItsClaimsDigest) {
  const auto text = Recording("spec-example-GetReceipt-2024-12-09-preview.json");
  if (!text) GTEST_SKIP() << "no recordings at ../shared/recordings";
  const auto receipt = ParseCcfReceipt(*text);
  ASSERT_FALSE(receipt);
  EXPECT_EQ(receipt.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(receipt.error().message, "receipt: it has no leafComponents.claimsDigest");
}

}  // namespace
}  // namespace assay::ledger
