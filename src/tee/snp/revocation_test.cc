#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "crypto/openssl_ptr.h"
#include "crypto/signing_key.h"
#include "tee/core/verify_cache.h"
#include "tee/snp/verify.h"

namespace assay::snp {
namespace {

constexpr Time kNow{std::chrono::seconds{1'750'000'000}};

ASN1_TIME* At(Time time) { return ASN1_TIME_set(nullptr, UnixSeconds(time)); }

// A list of `issuer`, signed by `key`, valid for a day from `from`; `revoked` may be null.
CrlPtr MakeCrl(const Certificate& issuer, const SigningKey& key, Time from,
               const Certificate* revoked) {
  const Bytes& der = issuer.der();
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const X509Ptr x509(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  const X509CrlPtr crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(x509.get()));
  ASN1_TIME* begin = At(from);
  ASN1_TIME* end = At(from + std::chrono::hours(24));
  X509_CRL_set1_lastUpdate(crl.get(), begin);
  X509_CRL_set1_nextUpdate(crl.get(), end);
  if (revoked != nullptr) {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, revoked->serial_hex().c_str());
    ASN1_INTEGER* serial = BN_to_ASN1_INTEGER(number, nullptr);
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, serial);
    X509_REVOKED_set_revocationDate(entry, begin);
    X509_CRL_add0_revoked(crl.get(), entry);
    ASN1_INTEGER_free(serial);
    BN_free(number);
  }
  ASN1_TIME_free(begin);
  ASN1_TIME_free(end);
  X509_CRL_sign(crl.get(), key.raw(), EVP_sha256());
  unsigned char* out = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &out);
  const CrlPtr made =
      Crl::FromDer(std::as_bytes(std::span(out, static_cast<std::size_t>(size)))).value();
  OPENSSL_free(out);
  return made;
}

class SnpRevocation : public testing::Test {
 protected:
  static CertificatePtr Issue(const SigningKey& subject, const char* cn, const SigningKey& issuer,
                              const Certificate* by) {
    CertificateRequest request;
    request.common_name = cn;
    request.not_before = kNow - std::chrono::hours(1);
    request.is_ca = true;
    return IssueCertificate(subject, request, issuer, by).value();
  }

  SnpRevocation() {
    path_.root = Issue(root_key_, "ARK-Milan", root_key_, nullptr);
    path_.intermediate = Issue(ask_key_, "SEV-Milan", root_key_, path_.root.get());
    path_.leaf = Issue(leaf_key_, "SEV-VCEK", ask_key_, path_.intermediate.get());
    path_.leaf_issued = path_.intermediate_issued = true;
    path_.root_self_signed = path_.root_pinned = true;
  }

  // Twice, so that what was remembered counts too.
  Outcome Judge(std::vector<CrlPtr> crls, std::string_view name, bool waive = false) {
    Collateral collateral;
    collateral.crls = std::move(crls);
    Expectations expectations;
    expectations.allow_missing_crl = waive;
    Trace trace;
    for (int i = 0; i < 2; ++i) {
      trace = Trace{};
      CheckRevocation(path_, {collateral, {}, expectations, kNow, cache_}, trace);
    }
    for (const Check& check : trace.checks()) {
      if (check.name == name) return check.outcome;
    }
    ADD_FAILURE() << "no check " << name;
    return Outcome::kFail;
  }

  SigningKey root_key_ = SigningKey::Generate(KeyType::kP256).value();
  SigningKey ask_key_ = SigningKey::Generate(KeyType::kP256).value();
  SigningKey leaf_key_ = SigningKey::Generate(KeyType::kP256).value();
  Path path_;
  VerifyCache cache_;
  const Time fresh_ = kNow - std::chrono::hours(1);
  const Time stale_ = kNow - std::chrono::hours(48);
};

TEST_F(SnpRevocation, AFreshListWithoutTheCertificatePasses) {
  const CrlPtr crl = MakeCrl(*path_.root, root_key_, fresh_, nullptr);
  EXPECT_EQ(Judge({crl}, "intermediate.revoked"), Outcome::kPass);
}

TEST_F(SnpRevocation, ARevokedIntermediateFailsEvenInAStaleListOrWhenWaived) {
  for (const Time from : {fresh_, stale_}) {
    const CrlPtr bad = MakeCrl(*path_.root, root_key_, from, path_.intermediate.get());
    const CrlPtr good = MakeCrl(*path_.root, root_key_, fresh_, nullptr);
    EXPECT_EQ(Judge({bad, good}, "intermediate.revoked", true), Outcome::kFail);
    EXPECT_EQ(Judge({good, bad}, "intermediate.revoked", true), Outcome::kFail);
  }
}

TEST_F(SnpRevocation, AbsenceIsWaivedOnlyInWordsAndNeverAListThatFails) {
  EXPECT_EQ(Judge({}, "root_crl.present"), Outcome::kFail);
  EXPECT_EQ(Judge({}, "root_crl.present", true), Outcome::kWaived);
  const CrlPtr stale = MakeCrl(*path_.root, root_key_, stale_, nullptr);
  EXPECT_EQ(Judge({stale}, "root_crl.dates", true), Outcome::kFail);
  const CrlPtr forged = MakeCrl(*path_.root, ask_key_, fresh_, nullptr);
  EXPECT_EQ(Judge({forged}, "root_crl.signature", true), Outcome::kFail);
}

TEST_F(SnpRevocation, AForgedListBesideTheRightOneIsPassedOver) {
  const CrlPtr forged = MakeCrl(*path_.root, ask_key_, fresh_, path_.intermediate.get());
  const CrlPtr good = MakeCrl(*path_.root, root_key_, fresh_, nullptr);
  EXPECT_EQ(Judge({forged, good}, "root_crl.signature"), Outcome::kPass);
}

TEST_F(SnpRevocation, TheIntermediatesListIsHeardOfTheLeaf) {
  const CrlPtr bad = MakeCrl(*path_.intermediate, ask_key_, fresh_, path_.leaf.get());
  const CrlPtr root = MakeCrl(*path_.root, root_key_, fresh_, nullptr);
  EXPECT_EQ(Judge({root, bad}, "leaf.revoked"), Outcome::kFail);
}

}  // namespace
}  // namespace assay::snp
